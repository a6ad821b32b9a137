// Trains tokenizers of every kind with the official library and writes down what it says about every text.
// node make.mjs FOLDER
import fs from 'node:fs';
import path from 'node:path';
import * as official from 'tokenizers';
import { charsmap, nmtNfkc } from './charsmap.mjs';
import { corpus, texts } from './texts.mjs';

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const corpusFile = path.join(folder, 'corpus.txt');
fs.writeFileSync(corpusFile, corpus.join('\n'));

const train = (model, preTokenizer, normalizer) => {
  const tokenizer = new official.Tokenizer(model);
  tokenizer.setPreTokenizer(preTokenizer);
  if (normalizer) tokenizer.setNormalizer(normalizer);
  tokenizer.train([corpusFile]);
  const file = path.join(folder, 'trained.json');
  tokenizer.save(file);
  return JSON.parse(fs.readFileSync(file, 'utf8')).model;
};
const copy = structuredClone;
const sequence = (key, type, ...items) => ({ type: 'Sequence', [key]: items });
const normalizers = (...items) => sequence('normalizers', 'Sequence', ...items);
const preTokenizers = (...items) => sequence('pretokenizers', 'Sequence', ...items);
const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });
const file = (model, more = {}) => ({ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model, ...more });
const split = (pattern, behavior = 'Isolated', invert = false) => ({ type: 'Split', pattern, behavior, invert });
const template = (single, pair, ids) => ({
  type: 'TemplateProcessing',
  ...Object.fromEntries(Object.entries({ single, pair }).map(([key, steps]) => [key, steps.map(([id, type_id]) =>
    id === 'A' || id === 'B' ? { Sequence: { id, type_id } } : { SpecialToken: { id, type_id } })])),
  special_tokens: Object.fromEntries(Object.entries(ids).map(([id, ofId]) => [id, { id, ids: [ofId].flat(), tokens: [ofId].flat().map(() => id) }])),
});

// The vocabularies.
const wordPiece = train(official.WordPiece.empty(), official.bertPreTokenizer(), official.bertNormalizer());
const byteLevel = train(official.BPE.empty(), official.byteLevelPreTokenizer(false, true));
const unigram = train(official.Unigram.empty(), official.metaspacePreTokenizer(), official.nfkcNormalizer());
const wordLevel = train(official.WordLevel.empty(), official.whitespacePreTokenizer());
const metaspaced = train(official.BPE.empty(), official.metaspacePreTokenizer());
const suffixed = train(official.BPE.empty(), official.bertPreTokenizer(), official.bertNormalizer());

// Half of the merges, so that words remain apart in several tokens.
const halved = model => {
  const half = copy(model);
  half.merges = half.merges.slice(0, half.merges.length >> 1);
  return half;
};
const first = (model, tokens) => {
  const result = copy(model);
  const names = [...new Set([...tokens, ...Object.entries(model.vocab).sort((a, b) => a[1] - b[1]).map(entry => entry[0])])];
  result.vocab = Object.fromEntries(names.map((name, id) => [name, id]));
  return result;
};
const bytes = Array.from({ length: 256 }, (_, value) => `<0x${value.toString(16).toUpperCase().padStart(2, '0')}>`);
const pieces = [['<unk>', 0], ['<s>', 0], ['</s>', 0], ...unigram.vocab.filter(entry => !['<unk>', '<s>', '</s>'].includes(entry[0]))];
const lastId = model => Math.max(...Object.values(model.vocab)) + 1;

const files = {};

const bert = first(wordPiece, ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
bert.unk_token = '[UNK]';
const bertTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((token, id) => added(id, token, token === '[MASK]' ? { lstrip: true } : {}));
const bertNormalizer = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };
files['WordPiece, as BERT'] = file(bert, { added_tokens: bertTokens, normalizer: bertNormalizer, pre_tokenizer: { type: 'BertPreTokenizer' }, post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] } });
files['WordPiece, cased, template'] = file({ ...bert, max_input_chars_per_word: 12 }, {
  added_tokens: [...bertTokens, added(lastId(bert), 'Wonder', { single_word: true, normalized: true, special: false }), added(lastId(bert) + 1, '<ent>', { rstrip: true, normalized: true, special: false }), added(lastId(bert) + 2, 'Ä', { normalized: true, special: false })],
  normalizer: { ...bertNormalizer, lowercase: false, strip_accents: true, handle_chinese_chars: false }, pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: template([['[CLS]', 0], ['A', 0], ['[SEP]', 0]], [['[CLS]', 0], ['A', 0], ['[SEP]', 0], ['B', 1], ['[SEP]', 1]], { '[CLS]': 2, '[SEP]': 3 }),
});

const gpt2Bpe = halved(byteLevel), gpt2End = lastId(gpt2Bpe);
files['BPE byte level, as GPT-2'] = file(gpt2Bpe, { added_tokens: [added(gpt2End, '<|endoftext|>')], pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }, post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true } });
const robertaBpe = first(halved(byteLevel), ['<s>', '<pad>', '</s>', '<unk>', '<mask>']);
robertaBpe.merges = robertaBpe.merges.map(merge => Array.isArray(merge) ? merge.join(' ') : merge);
files['BPE byte level, as RoBERTa, merges as texts'] = file(robertaBpe, { added_tokens: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'].map((token, id) => added(id, token, token === '<mask>' ? { lstrip: true } : { normalized: true })), pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }, post_processor: { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: true } });
const llama3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
files['BPE byte level, as Llama 3'] = file({ ...gpt2Bpe, ignore_merges: true }, {
  added_tokens: [added(gpt2End, '<|begin_of_text|>'), added(gpt2End + 1, '<|eot_id|>')],
  pre_tokenizer: preTokenizers(split({ Regex: llama3 }), { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }),
  post_processor: sequence('processors', 'Sequence', { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true }, template([['<|begin_of_text|>', 0], ['A', 0]], [['<|begin_of_text|>', 0], ['A', 0], ['<|begin_of_text|>', 1], ['B', 1]], { '<|begin_of_text|>': gpt2End })),
});
files['BPE byte level, as Qwen 2'] = file(gpt2Bpe, { normalizer: { type: 'NFC' }, pre_tokenizer: preTokenizers(split({ Regex: llama3.replace('{1,3}', '') }), { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }), added_tokens: [added(gpt2End, '<|endoftext|>'), added(gpt2End + 1, '<ent>', { special: false, rstrip: true, lstrip: true })] });
files['BPE byte level in the normalizer'] = file(gpt2Bpe, { normalizer: normalizers({ type: 'NFKC' }, { type: 'ByteLevel' }), pre_tokenizer: split({ Regex: 'Ġ?[a-z]+' }) });

const spm = halved(metaspaced);
const llama2 = first(spm, ['<unk>', '<s>', '</s>', ...bytes]);
Object.assign(llama2, { unk_token: '<unk>', fuse_unk: true, byte_fallback: true });
const spmTokens = ['<unk>', '<s>', '</s>'].map((token, id) => added(id, token));
const spmTemplate = template([['<s>', 0], ['A', 0]], [['<s>', 0], ['A', 0], ['<s>', 1], ['B', 1]], { '<s>': 1 });
files['BPE byte fallback, as Llama 2'] = file(llama2, { added_tokens: spmTokens, normalizer: normalizers({ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }), post_processor: spmTemplate });
files['BPE byte fallback, as Mistral'] = file(llama2, { added_tokens: spmTokens, pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false }, post_processor: spmTemplate });
files['BPE byte fallback, as Gemma'] = file(llama2, { added_tokens: [...spmTokens, added(lastId(llama2), '<ent>', { normalized: true })], normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' }, pre_tokenizer: split({ String: ' ' }, 'MergedWithPrevious'), post_processor: spmTemplate });
files['BPE byte fallback, Metaspace after Strip'] = file(llama2, { added_tokens: spmTokens, normalizer: { type: 'Strip', strip_left: true, strip_right: true }, pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true } });
const fused = { ...first(spm, ['<unk>']), unk_token: '<unk>', byte_fallback: false };
files['BPE with unknown tokens'] = file({ ...fused, fuse_unk: false }, { added_tokens: spmTokens.slice(0, 1), pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: true } });
files['BPE with fused unknown tokens'] = file({ ...fused, fuse_unk: true }, { added_tokens: spmTokens.slice(0, 1), pre_tokenizer: { type: 'Metaspace', replacement: '▁', add_prefix_space: true } });
// CLIP's and GPT-1's way: the last character of a word is another token.
const suffix = '</w>', letters = [...new Set([...corpus.join('')])].filter(letter => letter.trim());
const clipPairs = suffixed.merges.slice(0, suffixed.merges.length >> 1).map(merge => Array.isArray(merge) ? merge : merge.split(' '));
const clipMerges = clipPairs.flatMap(([left, right]) => [[left, right], [left, right + suffix]]);
const clip = { ...suffixed, unk_token: '<unk>', end_of_word_suffix: suffix, merges: clipMerges, vocab: Object.fromEntries([...new Set(['<unk>', ...letters, ...letters.map(letter => letter + suffix), ...clipMerges.flatMap(([left, right]) => [left, right, left + right])])].map((token, id) => [token, id])) };
files['BPE with a suffix of words, as CLIP'] = file(clip, { added_tokens: [added(0, '<unk>')], normalizer: normalizers({ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }), pre_tokenizer: preTokenizers(split({ Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" }, 'Removed', true), { type: 'Punctuation', behavior: 'Isolated' }), post_processor: { type: 'RobertaProcessing', sep: ['<unk>', 0], cls: ['<unk>', 0], trim_offsets: false, add_prefix_space: false } });
const continued = clipPairs.map(([left, right]) => [left, '##' + right]);
const inside = continued.flatMap(([left, right]) => [[left, right], ['##' + left, right]]);
files['BPE with a prefix inside words'] = file({ ...suffixed, unk_token: '<unk>', continuing_subword_prefix: '##', merges: inside, vocab: Object.fromEntries([...new Set(['<unk>', ...letters, ...letters.map(letter => '##' + letter), ...inside.flatMap(([left, right]) => [left, right, left + right.slice(2)])])].map((token, id) => [token, id])) }, { pre_tokenizer: { type: 'BertPreTokenizer' }, normalizer: bertNormalizer });

const unigramTokens = spmTokens;
const t5 = { type: 'Unigram', unk_id: 0, vocab: pieces, byte_fallback: false };
const map = { type: 'Precompiled', precompiled_charsmap: charsmap(nmtNfkc()) };
const eos = template([['A', 0], ['</s>', 0]], [['A', 0], ['</s>', 0], ['B', 0], ['</s>', 0]], { '</s>': 2 });
files['Unigram, Metaspace'] = file(t5, { added_tokens: unigramTokens, normalizer: { type: 'NFKC' }, pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }, post_processor: eos });
files['Unigram with a precompiled charsmap, as T5'] = file(t5, { added_tokens: [...unigramTokens, added(pieces.length, '<ent>', { rstrip: true }), added(pieces.length + 1, '<pad>')], normalizer: map, pre_tokenizer: preTokenizers({ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: '▁', add_prefix_space: true }), post_processor: eos });
files['Unigram with a precompiled charsmap, as XLM-R'] = file(t5, { added_tokens: [...unigramTokens, added(pieces.length, '<mask>', { lstrip: true })], normalizer: normalizers(map, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' }), pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }, post_processor: template([['<s>', 0], ['A', 0], ['</s>', 0]], [['<s>', 0], ['A', 0], ['</s>', 0], ['</s>', 0], ['B', 0], ['</s>', 0]], { '<s>': 1, '</s>': 2 }) });
files['Unigram with byte fallback, as DeBERTa'] = file({ ...t5, byte_fallback: true, vocab: [...pieces, ...bytes.map(token => [token, -20])] }, { added_tokens: spmTokens, normalizer: normalizers({ type: 'Strip', strip_left: false, strip_right: true }, map, { type: 'Nmt' }), pre_tokenizer: preTokenizers({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }), post_processor: { type: 'BertProcessing', sep: ['</s>', 2], cls: ['<s>', 1] } });

const words = { ...first(wordLevel, ['<unk>', '<s>']), unk_token: '<unk>' };
files['WordLevel'] = file(words, { added_tokens: [added(0, '<unk>'), added(1, '<s>')], pre_tokenizer: { type: 'Whitespace' }, post_processor: template([['A', 0], ['<two>', 3]], [['B', 5], ['<two>', 1], ['A', 2]], { '<two>': [1, 0] }) });
files['WordLevel, normalised'] = file(words, { added_tokens: [added(0, '<unk>'), added(lastId(words), 'WONDER', { normalized: true, special: false })], normalizer: normalizers({ type: 'NFKD' }, { type: 'Nmt' }, { type: 'StripAccents' }, { type: 'Lowercase' }), pre_tokenizer: preTokenizers({ type: 'WhitespaceSplit' }, { type: 'Punctuation', behavior: 'Contiguous' }, { type: 'Digits', individual_digits: true }) });

// Bytes alone, with an end after every piece: whatever a normalizer or a pre-tokenizer does shows in the ids.
const plain = { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: suffix, fuse_unk: false, byte_fallback: true, ignore_merges: false, vocab: Object.fromEntries(bytes.map((token, id) => [token, id])), merges: [] };
const shown = (name, more) => files[`pieces of ${name}`] = file(plain, more);
for (const type of ['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents', 'Nmt', 'ByteLevel']) shown(type, { normalizer: { type } });
shown('Precompiled', { normalizer: map });
shown('Strip', { normalizer: { type: 'Strip', strip_left: true, strip_right: false } });
shown('Bert without clean text', { normalizer: { ...bertNormalizer, clean_text: false } });
shown('Bert', { normalizer: bertNormalizer });
shown('Replace regex', { normalizer: { type: 'Replace', pattern: { Regex: '^|[a-c]+$|(?<=x)' }, content: '$1<>' } });
for (const type of ['Whitespace', 'WhitespaceSplit', 'BertPreTokenizer']) shown(type, { pre_tokenizer: { type } });
for (const behavior of ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']) {
  shown(`Punctuation ${behavior}`, { pre_tokenizer: { type: 'Punctuation', behavior } });
  shown(`Split by a text, ${behavior}`, { pre_tokenizer: split({ String: 'e' }, behavior) });
  shown(`Split by an expression, ${behavior}, inverted`, { pre_tokenizer: split({ Regex: '\\w+|\\s' }, behavior, true) });
}
for (const individual_digits of [true, false]) shown(`Digits ${individual_digits}`, { pre_tokenizer: { type: 'Digits', individual_digits } });
shown('CharDelimiterSplit', { pre_tokenizer: { type: 'CharDelimiterSplit', delimiter: '-' } });
shown('Metaspace always, not split', { pre_tokenizer: { type: 'Metaspace', replacement: '_', prepend_scheme: 'always', split: false } });
shown('the expression of GPT-4o', { pre_tokenizer: split({ Regex: "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" }) });
shown('the expression of cl100k, possessive', { pre_tokenizer: split({ Regex: "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s" }) });
shown('the expression of DeepSeek', { pre_tokenizer: preTokenizers(split({ Regex: '\\p{N}{1,3}' }), split({ Regex: '[一-龥぀-ゟ゠-ヿ]+' }), split({ Regex: "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+" })) });
shown('the expression of BLOOM', { pre_tokenizer: split({ Regex: ' ?[^(\\s|[.,!?…。，、।۔،])]+' }) });
shown('words and edges', { pre_tokenizer: split({ Regex: '\\b\\w{,3}\\b|\\W\\B' }, 'MergedWithPrevious') });
for (const [name, flags] of Object.entries({ plainly: {}, 'to the left': { lstrip: true }, 'to the right': { rstrip: true }, 'as words': { single_word: true }, 'as words, both sides': { single_word: true, lstrip: true, rstrip: true } }))
  for (const normalized of [true, false])
    shown(`added tokens, ${name}, ${normalized ? 'normalised' : 'as they stand'}`, { normalizer: { type: 'Lowercase' }, pre_tokenizer: { type: 'Metaspace', replacement: '_', prepend_scheme: 'first', split: true }, added_tokens: ['<s>', 'wonder', 'Wonder', 'Wonderful', '<ent>', '<ent><ent>', 'ä'].map((token, index) => added(256 + index, token, { ...flags, normalized: normalized && token !== 'Wonder' && token !== '<s>' })) });

// What each file is asked: every text alone, and some pairs, at several lengths.
const lengths = {
  '': {},
  ', 12 from the right, padded left to 16': { truncation: { direction: 'Right', max_length: 12, strategy: 'LongestFirst', stride: 0 }, padding: { strategy: { Fixed: 16 }, direction: 'Left', pad_to_multiple_of: null, pad_id: 1, pad_type_id: 2, pad_token: '<pad>' } },
  ', 9 from the left': { truncation: { direction: 'Left', max_length: 9, strategy: 'LongestFirst', stride: 0 }, padding: { strategy: 'BatchLongest', direction: 'Right', pad_to_multiple_of: 8, pad_id: 0, pad_type_id: 0, pad_token: '<pad>' } },
  ', only the first': { truncation: { direction: 'Right', max_length: 33, strategy: 'OnlyFirst', stride: 0 } },
  ', only the second': { truncation: { direction: 'Left', max_length: 33, strategy: 'OnlySecond', stride: 0 } },
};
const pairs = texts.map((_, index) => [index, (index * 13 + 5) % texts.length]).filter((_, index) => index % 4 === 3);
const singles = texts.map((_, index) => [index, -1]);
const questions = { full: [...singles, ...pairs], lengths: [...singles.filter((_, index) => index % 3 === 0), ...pairs], pieces: singles };
const write = (name, numbers) => fs.writeFileSync(path.join(folder, name), Buffer.from(Int32Array.from(numbers).buffer));

const index = [];
for (const [name, content] of Object.entries(files)) {
  for (const [how, limits] of Object.entries(lengths)) {
    const kind = name.startsWith('pieces') ? 'pieces' : how ? 'lengths' : 'full';
    if (kind === 'pieces' && how) continue;
    const number = String(index.length).padStart(3, '0');
    const json = JSON.stringify({ ...content, ...limits });
    fs.writeFileSync(path.join(folder, `${number}.json`), json);
    const tokenizer = official.Tokenizer.fromString(json);
    const answers = [];
    for (const [first, second] of questions[kind]) {
      try {
        const answer = await tokenizer.encode(texts[first], second < 0 ? null : texts[second]);
        const lists = kind === 'pieces' ? [answer.getIds()] : [answer.getIds(), answer.getTypeIds(), answer.getAttentionMask()];
        answers.push(lists[0].length);
        for (const list of lists) for (const value of list) answers.push(value);
      } catch {
        answers.push(-1);
      }
    }
    write(`${number}.answers`, answers);
    index.push({ name: name + how, kind, number });
  }
}
// As UTF-16 units, because JSON cannot hold half a surrogate pair.
write('texts', texts.flatMap(text => [text.length, ...Array.from({ length: text.length }, (_, unit) => text.charCodeAt(unit))]));
for (const [kind, list] of Object.entries(questions)) write(kind, list.flat());
fs.rmSync(corpusFile);
fs.rmSync(path.join(folder, 'trained.json'));
// Last, so that a folder with an index is whole.
fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify(index));
