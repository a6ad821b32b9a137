// The official library at the benchmark's question. TEXTS has one JSON string per line.
//   node benchmark.mjs train TEXTS FOLDER      trains a tokenizer of each kind on the texts
//   node benchmark.mjs run FILE TEXTS [--serve]   encodes them all; the peers' protocol
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import * as official from 'tokenizers';

const [task, first, second, serve] = process.argv.slice(2);
const read = file => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse);

if (task === 'train') {
  const corpus = path.join(second, 'corpus.txt');
  fs.mkdirSync(second, { recursive: true });
  fs.writeFileSync(corpus, read(first).join('\n'));
  const train = (name, model, preTokenizer, normalizer, finish) => {
    const tokenizer = new official.Tokenizer(model);
    tokenizer.setPreTokenizer(preTokenizer);
    if (normalizer) tokenizer.setNormalizer(normalizer);
    tokenizer.train([corpus]);
    const file = path.join(second, `${name}.json`);
    tokenizer.save(file);
    const json = JSON.parse(fs.readFileSync(file, 'utf8'));
    finish?.(json);
    fs.writeFileSync(file, JSON.stringify(json));
  };
  const withUnknown = name => ({ model }) => {
    model.unk_token = name;
    model.vocab[name] = Object.keys(model.vocab).length;
  };
  train('wordpiece', official.WordPiece.empty(), official.bertPreTokenizer(), official.bertNormalizer(), withUnknown('[UNK]'));
  train('byte-level', official.BPE.empty(), official.byteLevelPreTokenizer(false, true));
  // As Llama 2 and Gemma: no words, one piece per text.
  train('metaspace', official.BPE.empty(), official.metaspacePreTokenizer(), null, json => {
    withUnknown('<unk>')(json);
    json.pre_tokenizer = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false };
  });
  train('unigram', official.Unigram.empty(), official.metaspacePreTokenizer(), official.nfkcNormalizer(), ({ model }) => {
    model.vocab.unshift(['<unk>', 0]);
    model.unk_id = 0;
  });
  fs.rmSync(corpus);
} else {
  const tokenizer = official.Tokenizer.fromFile(first), texts = read(second);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const name = `official/${path.basename(first, '.json')}`;
  const once = async () => {
    const cpu = process.cpuUsage(), start = performance.now();
    let tokens = 0, sum = 0;
    for (const text of texts) {
      const ids = (await tokenizer.encode(text)).getIds();
      tokens += ids.length;
      for (const id of ids) sum += id;
    }
    const wall = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(cpu);
    console.log(JSON.stringify({ name, wall, cpu: (user + system) / 1e6, check: { characters, tokens, sum } }));
  };
  if (serve !== '--serve') for (let repetition = 0; repetition < 3; repetition++) await once();
  else {
    console.log(JSON.stringify({ ready: name }));
    for await (const line of readline.createInterface({ input: process.stdin })) {
      if (line.trim() === 'quit') break;
      await once();
    }
  }
}
