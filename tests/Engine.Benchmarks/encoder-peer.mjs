// The peer of the question "encoder": the same model, the same texts and the same batches through onnxruntime-node.
//   node encoder-peer.mjs --length 128 --batch 8 | --texts 4000 [--order arrival --batch 32] [--longest 512]   [--threads 1] [--serve]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ort = createRequire(new URL('../../src/Engine/package.json', import.meta.url))('onnxruntime-node');
const argument = (name, fallback) => { const at = process.argv.indexOf(`--${name}`); return at > 0 ? process.argv[at + 1] : fallback; };
const number = (name, fallback) => Number(argument(name, fallback));
const folder = process.env.PEER_DATA ?? join(tmpdir(), 'personalllm-peers');

const session = await ort.InferenceSession.create(join(folder, 'encoder_6_384.onnx'), {
  intraOpNumThreads: number('threads', 1), graphOptimizationLevel: 'all', enableMemPattern: false, extra: { session: { intra_op: { allow_spinning: '0' } } },
});

const texts = number('texts', 0);
const lengths = texts > 0 ? [...new Int32Array(Uint8Array.from(readFileSync(join(folder, `lengths_${texts}_${number('longest', 512)}.i32`))).buffer)] : Array(number('batch', 8)).fill(number('length', 128));
const ids = lengths.map((length, text) => BigInt64Array.from({ length }, (_, token) => BigInt((text * 7919 + token * 104729) % 30522)));

function plan() {
  if (argument('order', 'budget') === 'arrival') return Array.from({ length: Math.ceil(lengths.length / number('batch', 32)) }, (_, i) => [...lengths.keys()].slice(i * number('batch', 32), (i + 1) * number('batch', 32)));
  const budget = texts > 0 ? number('budget', 1000) : lengths.length * lengths[0];
  const longestFirst = [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a]);
  const batches = [];
  for (let first = 0; first < longestFirst.length;) {
    const rows = Math.max(1, Math.floor(budget / lengths[longestFirst[first]]));
    batches.push(longestFirst.slice(first, first + rows));
    first += rows;
  }
  return batches;
}

async function score() {
  const scores = new Float32Array(lengths.length);
  for (const batch of plan()) {
    const length = Math.max(...batch.map(text => lengths[text])), shape = [batch.length, length];
    const input = new BigInt64Array(batch.length * length), mask = new BigInt64Array(batch.length * length);
    batch.forEach((text, row) => { input.set(ids[text], row * length); mask.fill(1n, row * length, row * length + lengths[text]); });
    const { logits } = await session.run({
      input_ids: new ort.Tensor('int64', input, shape), attention_mask: new ort.Tensor('int64', mask, shape),
      token_type_ids: new ort.Tensor('int64', new BigInt64Array(batch.length * length), shape),
    });
    batch.forEach((text, row) => { scores[text] = logits.data[row]; });
  }
  return scores.reduce((sum, value) => sum + value, 0);
}

async function once() {
  const cpu = process.cpuUsage(), wall = performance.now();
  let sum;
  for (let repeat = 0; repeat < (texts > 0 ? 1 : number('repeats', 10)); repeat++) sum = await score();
  const spent = process.cpuUsage(cpu);
  console.log(JSON.stringify({ name: 'onnxruntime-node', wall: (performance.now() - wall) / 1000, cpu: (spent.user + spent.system) / 1e6, check: { sum: Number(sum.toFixed(texts > 0 ? 2 : 4)) } }));
}

await score();
if (process.argv.includes('--serve')) {
  console.log(JSON.stringify({ ready: 'onnxruntime-node' }));
  for await (const line of createInterface({ input: process.stdin })) { if (line.trim() === 'quit') break; await once(); }
} else for (let repetition = 0; repetition < number('reps', 3); repetition++) await once();
