// A table like SentencePiece's: a double-array trie over UTF-8 bytes, then the texts it points to.
const utf8 = new TextEncoder();

export function charsmap(replacements) {
  const root = { children: new Map(), value: -1 };
  const texts = [];
  let length = 0;
  for (const [from, to] of replacements) {
    let node = root;
    for (const byte of utf8.encode(from)) {
      if (!node.children.has(byte)) node.children.set(byte, { children: new Map(), value: -1 });
      node = node.children.get(byte);
    }
    node.value = length;
    const bytes = utf8.encode(to + '\0');
    texts.push(bytes);
    length += bytes.length;
  }
  const units = [0], taken = [true];
  const place = (node, position) => {
    const labels = [...(node.value >= 0 ? [0] : []), ...[...node.children.keys()].sort((a, b) => a - b)];
    let base = 1;
    while (labels.some(label => taken[base ^ label] || (base ^ label) === 0)) base++;
    for (const label of labels) taken[base ^ label] = true;
    units[position] = (units[position] ?? 0) | (position ^ base) << 10 | (node.value >= 0 ? 256 : 0);
    if (node.value >= 0) units[base] = 0x80000000 | node.value;
    for (const [label, child] of node.children) {
      units[base ^ label] = label;
      place(child, base ^ label);
    }
  };
  place(root, 0);
  const size = (Math.max(taken.length, units.length) + 255 & ~255) * 4;
  const bytes = Buffer.alloc(4 + size + length);
  bytes.writeUInt32LE(size, 0);
  units.forEach((unit, index) => bytes.writeUInt32LE(unit >>> 0, 4 + 4 * index));
  let at = 4 + size;
  for (const text of texts) {
    bytes.set(text, at);
    at += text.length;
  }
  return bytes.toString('base64');
}

// In the spirit of nmt_nfkc: compatibility forms, composed pairs, kinds of space, and what vanishes.
export function nmtNfkc() {
  const table = new Map();
  for (let value = 0x80; value < 0x30000; value++) {
    if (value >= 0xd800 && value < 0xe000 || value >= 0xac00 && value < 0xd7a4) continue;
    const from = String.fromCodePoint(value), to = from.normalize('NFKC');
    if (from !== to) table.set(from, to);
    const apart = from.normalize('NFD');
    if (apart !== from && apart.normalize('NFC') === from && [...apart].length === 2) table.set(apart, from.normalize('NFKC'));
  }
  for (const value of [9, 10, 12, 13, 0x1680, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd]) table.set(String.fromCodePoint(value), ' ');
  for (const value of [1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 0x1b, 0x1f, 0x7f, 0x8f, 0x9f, 0xad]) table.set(String.fromCodePoint(value), '');
  table.set('\r\n', ' ');
  return table;
}
