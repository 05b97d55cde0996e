/**
 * Throughput of `nearbox build`, of this checkout and of another one in turn: points a second of processor
 * time (all threads) and of the clock.
 *
 *     npm run build && npm run bench -- build [INPUT...] [--before CHECKOUT] [--jobs N] [--to ept|copc] \
 *       [--rounds N]
 *
 * CHECKOUT is another checkout after `npm run build`; what is measured is the package's code in `dist/`.
 * Without INPUT: the frames of `../shared/real/kitti-dev`. Each round is a process of its own, which builds
 * everything once to warm up and once for the measurement. The contenders take turns, in alternating order.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REAL = path.join(ROOT, '../shared/real/kitti-dev');

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    before: { type: 'string' },
    jobs: { type: 'string', default: '1' },
    to: { type: 'string', default: 'ept' },
    rounds: { type: 'string', default: '5' },
  },
});
const inputs = (positionals.length > 0 ? positionals : [REAL]).map((input) => path.resolve(input));

interface BuildRound {
  readonly points: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** What a round's process runs: it prints a BuildRound. */
const ROUND = `
import { rm } from 'node:fs/promises';
const [module, out, inputs, jobs, to] = process.argv.slice(1);
const { buildClouds } = await import(module);
let round;
for (let turn = 0; turn < 2; turn++) {
  await rm(out, { recursive: true, force: true });
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  const { clouds } = await buildClouds(JSON.parse(inputs), out, { jobs: Number(jobs), to });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const points = clouds.reduce((sum, cloud) => sum + cloud.points, 0);
  round = { points, seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
}
await rm(out, { recursive: true, force: true });
console.log(JSON.stringify(round));
`;

function runRound(checkout: string, out: string): BuildRound {
  const module = path.join(path.resolve(checkout), 'dist/octree/build/build.js');
  const args = [
    '--input-type=module',
    '-e',
    ROUND,
    module,
    out,
    JSON.stringify(inputs),
    flags.jobs,
    flags.to,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as BuildRound;
}

const contenders = [
  ...(flags.before === undefined ? [] : [{ name: 'before', checkout: flags.before }]),
  { name: 'here', checkout: ROOT },
].map((contender) => ({ ...contender, rounds: [] as BuildRound[] }));
const folder = mkdtempSync(path.join(tmpdir(), 'nearbox-build-'));
try {
  for (let round = 0; round < Number(flags.rounds); round++)
    for (const { checkout, rounds } of round % 2 === 0 ? contenders : contenders.toReversed())
      rounds.push(runRound(checkout, path.join(folder, 'out')));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(machineLine());
console.log(
  `${contenders[0]!.rounds[0]!.points} points, jobs ${flags.jobs}, ${flags.to}, ${flags.rounds} rounds`,
);
for (const { name, rounds } of contenders) {
  const speeds = (seconds: (round: BuildRound) => number) =>
    rounds.map((round) => round.points / 1e6 / seconds(round));
  const cpu = speeds(({ cpuSeconds }) => cpuSeconds);
  const clock = speeds(({ seconds }) => seconds);
  const range = `${quantile(cpu, 0).toFixed(2)} to ${quantile(cpu, 1).toFixed(2)}`;
  const peak = Math.max(...rounds.map(({ peakMegabytes }) => peakMegabytes));
  console.log(
    `${name.padEnd(7)} ${medianOf(cpu).toFixed(2)} M points/s of a core (${range}), ${medianOf(clock).toFixed(2)} of the clock, ${peak.toFixed(0)} MB at most`,
  );
}
