/**
 * Processor time of one pass of the networks, by network and number of points: the shipped model beside
 * another folder, on the passes that clicks asked for, in turn; and how far apart their answers are.
 *
 *   npx tsx bench/speed/passes.ts --before FOLDER [--frames FOLDER] [--rounds 10]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { PROPOSE_POINT } from '../../inference/crop-grid/index.ts';
import { machineLine, medianOf } from '../kit/index.ts';
import { benchFrames, recordPasses } from './designs/index.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const CLICKS = 60;

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    frames: { type: 'string', default: path.join(PROJECT, '../shared/real/pandaset-002') },
    rounds: { type: 'string', default: '10' },
  },
});
if (values.before === undefined) throw new Error('--before names the folder of the other model');
const folders = { before: values.before, shipped: path.join(PROJECT, 'inference/model') };

type Which = keyof typeof folders;

const frames = await benchFrames(values.frames);
const every = frames.frames.flatMap(({ id, clicks }) => clicks.map((at) => ({ cloud: id, at })));
const { passes, close } = await recordPasses(
  frames.root,
  every.filter((_, k) => k % Math.ceil(every.length / CLICKS) === 0),
);
const sessions = new Map<string, ort.InferenceSession>();
for (const [which, folder] of Object.entries(folders))
  for (const network of ['propose', 'refine'])
    sessions.set(
      `${which} ${network}`,
      await ort.InferenceSession.create(path.join(folder, `${network}.onnx`), { intraOpNumThreads: 1 }),
    );

const costs = new Map<string, Record<Which, number[]>>();
let apart = 0;
for (let round = 0; round < Number(values.rounds); round++)
  for (const { feeds } of passes.flat()) {
    const { dims } = (feeds as unknown as { readonly points: ort.Tensor }).points;
    const network = dims[2] === PROPOSE_POINT ? 'propose' : 'refine';
    const row = `${network} ${dims[1]}`;
    if (!costs.has(row)) costs.set(row, { before: [], shipped: [] });
    const order: readonly Which[] = round % 2 === 0 ? ['before', 'shipped'] : ['shipped', 'before'];
    const outs: ort.Tensor[] = [];
    for (const which of order) {
      const began = process.cpuUsage();
      const { out } = await sessions.get(`${which} ${network}`)!.run(feeds);
      const { user, system } = process.cpuUsage(began);
      costs.get(row)![which].push((user + system) / 1000);
      outs.push(out!);
    }
    const [a, b] = outs.map(({ data }) => data as Float32Array);
    for (const [k, value] of a!.entries()) apart = Math.max(apart, Math.abs(value - b![k]!));
  }
await close();
frames.remove();

const print = (line: string) => process.stdout.write(`${line}\n`);
print(machineLine());
print(
  `${passes.flat().length} passes of ${passes.length} clicks on ${frames.source}, ${values.rounds} rounds`,
);
print('');
print('| network, points | passes | before, CPU ms | shipped, CPU ms |');
print('| --- | ---: | ---: | ---: |');
for (const [row, { before, shipped }] of [...costs].sort())
  print(
    `| ${row} | ${before.length / Number(values.rounds)} | ${medianOf(before).toFixed(2)} | ${medianOf(shipped).toFixed(2)} |`,
  );
print('');
print(`largest difference of an output: ${apart}`);
