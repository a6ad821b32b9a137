// Texts to train on and to compare: made here from a seed, nobody's data.
const random = (state => () => {
  state = state + 0x6D2B79F5 | 0;
  let t = Math.imul(state ^ state >>> 15, 1 | state);
  t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
  return ((t ^ t >>> 14) >>> 0) / 4294967296;
})(20261121);
const below = n => Math.floor(random() * n);
const pick = list => list[below(list.length)];
const repeat = (n, make) => Array.from({ length: n }, make);

const english = `the of and to in is that it for was on are as with his they at be this from have or by one had not but what all were
when we there can an your which their said if do will each about how up out them then she many some so these would other into has more
her two like him see time could no make than first been its who now people my made over did down only way find use may water long little
very after words called just where most know get through back much before go good new write our used me man too any day same right look
think also around another came come work three word must because does part even place well such here take why things help put years
different away again off went old number great tell men say small every found still between name should home big give air line set own
under read last never us left end along while might next sound below saw something thought both few those always looked show large often
together asked house world going want school important until form food keep children feet land side without boy once animals life enough
took sometimes four head above kind began almost live page got earth need far hand high year mother light parts country father let night
following picture being study second eyes soon times story boys since white days ever paper hard near sentence better best across during
today others however sure means knew try told young miles sun ways thing whole hear example heard several change answer room sea against
top turned learn point city play toward five using himself usually don't isn't I'll you've we're they'd it's can't reward model response`.split(/\s+/);
const elsewhere = `straße übergrößen naïve café élève garçon señor ação żółć Škoda İstanbul ığdır smørrebrød ångström привет мир нейронная сеть
Ελλάδα σοφός ΑΣΟΣ مرحبا العالم שלום עולם नमस्ते दुनिया हिन्दी ภาษาไทย สวัสดี 你好 世界 机器学习 日本語 カタカナ ひらがな ｶﾀｶﾅ 한국어 안녕하세요 Tiếng Việt
ﬁne ﬂow ① ② ½ ² ™ Ⅷ ＡＢＣ １２３ e\u0301tude n\u0303o o\u0308l 👍 🎉 👩‍👩‍👧 🇩🇪 👋🏽 𝒜𝒷𝒸 𠀀𠀁 𐌰𐌱 ─ █ → ≠ € £ ¥`.split(/\s+/);
const onsets = ['b', 'br', 'c', 'ch', 'd', 'f', 'g', 'gr', 'h', 'k', 'l', 'm', 'n', 'p', 'pr', 'qu', 'r', 's', 'st', 't', 'tr', 'v', 'w', 'y', 'z'];
const nuclei = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'ou', 'er', 'in', 'on', 'al'];
const codas = ['', '', 'n', 't', 's', 'ng', 'rd', 'ck', 'tion', 'ment', 'ing', 'ed', 'ly'];
const invented = repeat(2000, () => repeat(1 + below(3), () => pick(onsets) + pick(nuclei)).join('') + pick(codas));

const word = () => {
  const chance = random();
  const plain = chance < .62 ? english[Math.floor(english.length * random() ** 2)]
    : chance < .9 ? invented[Math.floor(invented.length * random() ** 2)]
    : chance < .95 ? pick(elsewhere)
    : String(below(10 ** (1 + below(6))));
  return random() < .1 ? plain[0].toUpperCase() + plain.slice(1) : plain;
};
const sentence = () => repeat(4 + below(16), () => word() + (random() < .08 ? pick([',', ';', ' -', ':', '"', '...', '!', '?']) : '')).join(' ') + pick(['.', '.', '.', '?', '!']);
export const corpus = repeat(6000, sentence);

const ranges = [
  [0x20, 0x7e], [0x20, 0x7e], [0x20, 0x7e], [0x61, 0x7a], [0x00, 0x1f], [0x7f, 0xa0], [0xa0, 0x17f], [0x180, 0x24f], [0x250, 0x2ff],
  [0x300, 0x36f], [0x370, 0x3ff], [0x400, 0x4ff], [0x530, 0x58f], [0x590, 0x5ff], [0x600, 0x6ff], [0x900, 0x97f], [0xb80, 0xbff], [0xe00, 0xe7f],
  [0x10a0, 0x10ff], [0x1100, 0x11ff], [0x1e00, 0x1eff], [0x1f00, 0x1fff], [0x2000, 0x206f], [0x20a0, 0x20bf], [0x20d0, 0x20f0], [0x2100, 0x218b],
  [0x2190, 0x22ff], [0x2460, 0x24ff], [0x2500, 0x25ff], [0x3000, 0x30ff], [0x3131, 0x318e], [0x3200, 0x32fe], [0x3400, 0x34ff], [0x4e00, 0x4fff],
  [0xac00, 0xacff], [0xe000, 0xe010], [0xf900, 0xfa2d], [0xfb00, 0xfb06], [0xfe00, 0xfe0f], [0xfe20, 0xfe2f], [0xfe50, 0xfe52], [0xff01, 0xffee],
  [0xfff9, 0xffff], [0x10330, 0x1034a], [0x10400, 0x1044f], [0x1d400, 0x1d454], [0x1d7ce, 0x1d7ff], [0x1f1e6, 0x1f1ff], [0x1f300, 0x1f64f],
  [0x1f3fb, 0x1f3ff], [0x20000, 0x200ff], [0x2f800, 0x2fa1d], [0xe0100, 0xe01ef], [0xd800, 0xdfff]];
const spaces = [' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u2003', '\u3000', '\u2028', '\u200b', '\u200d', '▁'];
const fuzz = () => {
  let text = '', [first, last] = ranges[0];
  for (let i = 1 + below(45); i > 0; i--) {
    if (random() < .3) [first, last] = pick(ranges);
    const value = first + below(last - first + 1);
    // Halves of surrogate pairs stay alone: the library reads them as U+FFFD.
    text += value >= 0xd800 && value < 0xe000 ? String.fromCharCode(value) + '-' : String.fromCodePoint(value);
    if (random() < .12) text += pick(spaces);
  }
  return text;
};
const specials = ['<s>', '</s>', '<unk>', '<pad>', '<mask>', '[MASK]', '[CLS]', '[SEP]', '<|endoftext|>', '<|eot_id|>', '<0x41>', 'Wonder', 'wonder', 'WONDER', 'wonderful', '<ent>', '<ent><ent>', 'ä', 'Ä', 'A\u0308'];
const withSpecials = () => repeat(2 + below(8), () => pick([pick(specials), word(), pick(spaces), pick(specials) + pick(spaces), word() + pick(specials)])).join(pick(['', ' ', '']));

const hand = ['', ' ', '   ', '\n', '\t \n', '▁', '▁▁', ' ▁ ', '\u0000', 'x\u0000y', 'a', 'Hello, world!', '  leading   spaces\n\nand newlines\t\ttabs  ', ' leading', '\u0301leading mark', '\u200bleading',
  "don't THEY'RE I'll we'VE it'S 'tis 'ſ 'K 12345 3.14159 foo_bar", "I'LL I'Ll i'D x'ſy", 'A'.repeat(99), 'A'.repeat(100), 'A'.repeat(101), 'é'.repeat(100), 'é'.repeat(101), '😀'.repeat(101),
  'a'.repeat(3000), ' '.repeat(300), '\n'.repeat(50), 'ab'.repeat(700), 'tion'.repeat(80), 'e\u0301 vs é; ไทย हिन्दी العربية İstanbul ΑΣΟΣ ẞ', 'ß ﬁ ① ½ zero\u200bwidth soft\u00adhyphen \ufeffbom', 'a  b   c    d', '𝒜𝒷𝒸 𠀀𠀁 12²³ Ⅷ ½', 'x\ud800y', '\udc00', '👩‍👩‍👧‍👦👨🏿‍🚀🏳️‍🌈🇩🇪🇩', 'क्षत्रिय', '각가', '\r\n\r\n', 'a\r\nb', '\ufffe', 'a\ufffee\u0301', '\uffff', '_a_', "''''", '...', '1,234,567.89', '２０２６年１１月', 'ﷺ', 'ｶﾞ', 'z\u0335\u0336\u0337\u0338\u0339', '\u{e0001}', 'camelCaseHTTPServer', 'https://example.org/a?b=c&d=%20#e', '{"json": [1, 2, null]}', '<p>html &amp; more</p>'];
export const texts = [...hand, ...repeat(620, fuzz), ...repeat(240, sentence), ...repeat(180, withSpecials), repeat(900, sentence).join(' '), repeat(300, fuzz).join(' ')];
