/**
 * nearbox beside the two designs of 2020 (`bench/speed/designs/`), in one run: every goal of cost, what was
 * measured, and what the designs take.
 *
 *   npm run bench [-- --short] [--frames FOLDER] [--python PYTHON] [--node NODE] [--rounds 3] [--seconds 10]
 *                 [--annotators 300,500] [--peers FOLDER]
 *
 * PYTHON needs numpy, onnxruntime, aiohttp, uvloop and zstandard. FOLDER holds labelled frames
 * (`index.json`); the built-in demo is taken where there is none. With `--peers` the code there is run as
 * well, to see that the designs here are no slower. Contenders take turns, and every round turns their order
 * round. Processor time is that of all processes and threads of a contender; origin and generator share the
 * machine.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, medianOf, quantile } from '../kit/index.ts';
import {
  type AnnotatorsResult,
  annotators,
  askOnce,
  bareNetworkMs,
  benchFrames,
  type ClosedLoopResult,
  type ContenderName,
  type ContenderOptions,
  closeConnections,
  closedLoop,
  type Design,
  startContender,
  startOrigin,
} from './designs/index.ts';

const ORIGIN_PORT = 18_730;
const PROJECT = path.join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    frames: { type: 'string', default: path.join(PROJECT, '../shared/real/pandaset-002') },
    python: { type: 'string', default: path.join(PROJECT, '.cache/components/bench-python/bin/python') },
    node: { type: 'string', default: process.execPath },
    peers: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    annotators: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.short ? 1 : 3));
const seconds = Number(values.seconds ?? (values.short ? 4 : 10));
const counts = (values.annotators ?? (values.short ? '50' : '300,500')).split(',').map(Number);

const frames = await benchFrames(values.frames);
const origin = await startOrigin(frames.root, ORIGIN_PORT);
const options: ContenderOptions = {
  origin: origin.url,
  python: values.python,
  peers: values.peers ?? '',
  node: values.node,
  nearbox: [],
};
const rivals: ContenderName[] = values.peers === undefined ? ['stateless'] : ['stateless', 'peer-stateless'];
const everyClick = frames.frames.flatMap(({ id, clicks }) => clicks.map((at) => ({ frame: id, at })));
/** Sets clouds apart that no contender has read before. */
let unread = 1_000_000;

print(machineLine());
print(
  `nearbox ${commit()} on ${execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim()}; ${frames.source}; ${rounds} rounds of ${seconds} s`,
);
print('');
try {
  const cold = await coldClicks();
  reportCold(cold);
  const warm = await warmClicks();
  const crowds = await crowdsOf(counts);
  reportGoals(cold, warm, crowds);
} finally {
  closeConnections();
  await origin.stop();
  frames.remove();
}

type ByContender<Result> = Map<ContenderName, Result[]>;

/** Runs every contender in every round, each time started anew, in an order that turns round. */
async function inTurn<Result>(
  names: readonly ContenderName[],
  times: number,
  measure: (contender: Design, round: number) => Promise<Result>,
): Promise<ByContender<Result>> {
  const results: ByContender<Result> = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < times; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const contender = await startContender(name, options);
      try {
        results.get(name)!.push(await measure(contender, round));
      } finally {
        await contender.stop();
      }
    }
  return results;
}

interface ColdResult extends ClosedLoopResult {
  /** One click at a time, milliseconds. */
  readonly aloneP50Ms: number;
  readonly secondP50Ms: number;
}

/**
 * Clicks on clouds that were never asked for: at 24 in flight, and one at a time with a second click on the
 * same frame.
 */
async function coldClicks(): Promise<ByContender<ColdResult>> {
  const question = () => {
    const k = unread++;
    const { frame, at } = everyClick[(37 * k) % everyClick.length]!;
    return { cloud: `t${k}/${frame}`, at };
  };
  return inTurn(['nearbox', ...rivals], rounds, async (contender) => {
    const busy = await closedLoop(contender, { inFlight: 24, warmSeconds: seconds / 2, seconds, question });
    const [first, second]: number[][] = [[], []];
    for (let k = 0; k < (values.short ? 10 : 40); k++) {
      const { cloud, at } = question();
      first!.push(await askOnce(contender, cloud, at));
      const frame = frames.frames.find(({ id }) => cloud.endsWith(`/${id}`))!;
      second!.push(await askOnce(contender, cloud, frame.clicks[(k * 5 + 1) % frame.clicks.length]!));
    }
    return { ...busy, aloneP50Ms: medianOf(first!), secondP50Ms: medianOf(second!) };
  });
}

interface WarmResult extends ClosedLoopResult {
  readonly aloneMs: readonly number[];
}

/** Clicks on clouds in memory: six in flight, and one at a time. */
async function warmClicks(): Promise<{ nearbox: WarmResult[]; bareMs: number[] }> {
  const clicks = everyClick.filter((_, k) => k % Math.ceil(everyClick.length / 60) === 0);
  const asked = clicks.map(({ frame, at }) => ({ cloud: `t1/${frame}`, at }));
  const results = await inTurn(['nearbox'], rounds, async (contender) => {
    for (const { cloud, at } of asked) await askOnce(contender, cloud, at);
    const question = (k: number) => asked[k % asked.length]!;
    const busy = await closedLoop(contender, { inFlight: 6, warmSeconds: seconds / 2, seconds, question });
    const aloneMs: number[] = [];
    for (let round = 0; round < 4; round++)
      for (const { cloud, at } of asked) aloneMs.push(await askOnce(contender, cloud, at));
    return { ...busy, aloneMs };
  });
  const bareMs = await bareNetworkMs(
    frames.root,
    clicks.map(({ frame, at }) => ({ cloud: frame, at })),
    4 * rounds,
  );
  return { nearbox: results.get('nearbox')!, bareMs };
}

/** Annotators who all start within 5 s, each on frames of its own. */
async function crowdsOf(sizes: readonly number[]): Promise<Map<number, ByContender<AnnotatorsResult>>> {
  const crowds = new Map<number, ByContender<AnnotatorsResult>>();
  for (const count of sizes)
    crowds.set(
      count,
      await inTurn(['nearbox', ...rivals], 1, (contender) =>
        annotators(contender, {
          count,
          seconds: values.short ? 10 : 20,
          startWithinSeconds: 5,
          frames: frames.frames,
          clicksPerFrame: 5,
          run: count,
        }),
      ),
    );
  const few = values.short ? 5 : 20;
  crowds.set(
    few,
    await inTurn(['nearbox', 'websocket'], 1, (contender) =>
      annotators(contender, {
        count: few,
        seconds: values.short ? 10 : 20,
        startWithinSeconds: 5,
        frames: frames.frames,
        clicksPerFrame: 5,
        run: few,
      }),
    ),
  );
  return crowds;
}

function coldMedian(
  cold: ByContender<ColdResult>,
  name: ContenderName,
  value: (result: ColdResult) => number,
): number {
  return medianOf(cold.get(name)!.map(value));
}

function reportCold(cold: ByContender<ColdResult>): void {
  const head = ['cold clicks', 'a second, 24 in flight', 'CPU ms a click', 'p50 / p95 ms'];
  print(`| ${[...head, 'alone p50 ms', 'second click p50 ms', 'failed'].join(' | ')} |`);
  print('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [name, results] of cold) {
    const of = (value: (result: ColdResult) => number) => coldMedian(cold, name, value);
    const cells = [
      name,
      of((r) => r.perSecond).toFixed(1),
      of((r) => r.cpuMs).toFixed(1),
      `${of((r) => r.p50Ms).toFixed(0)} / ${of((r) => r.p95Ms).toFixed(0)}`,
      of((r) => r.aloneP50Ms).toFixed(0),
      of((r) => r.secondP50Ms).toFixed(1),
      results.reduce((sum, { failed }) => sum + failed, 0),
    ];
    print(`| ${cells.join(' | ')} |`);
  }
  print('');
}

function reportGoals(
  cold: ByContender<ColdResult>,
  warm: Awaited<ReturnType<typeof warmClicks>>,
  crowds: Map<number, ByContender<AnnotatorsResult>>,
): void {
  const of = (name: ContenderName, value: (result: ColdResult) => number) => coldMedian(cold, name, value);
  print(
    '| annotators, started within 5 s | contender | answers | < 400 ms | p50 ms | p99 ms | first / later p50 ms | CPU ms | MiB | failed |',
  );
  print('| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [count, by] of crowds)
    for (const [name, [r]] of by)
      if (r !== undefined)
        print(
          `| ${count} | ${name} | ${r.answers} | ${(100 * r.inTime).toFixed(1)} % | ${r.p50Ms.toFixed(0)} | ${r.p99Ms.toFixed(0)} | ${r.firstP50Ms.toFixed(0)} / ${r.laterP50Ms.toFixed(0)} | ${r.cpuMs.toFixed(1)} | ${r.peakMiB.toFixed(0)} | ${failuresOf(r)} |`,
        );
  print('');
  const aloneP50 = quantile(
    warm.nearbox.flatMap(({ aloneMs }) => aloneMs),
    0.5,
  );
  const bareP50 = medianOf(warm.bareMs);
  const warmCpu = medianOf(warm.nearbox.map(({ cpuMs }) => cpuMs));
  const [ratePerSecond, cpu] = [of('nearbox', (r) => r.perSecond), of('nearbox', (r) => r.cpuMs)];
  const [theirRate, theirCpu] = [of('stateless', (r) => r.perSecond), of('stateless', (r) => r.cpuMs)];
  const crowd = (count: number) => crowds.get(count)?.get('nearbox')?.[0];
  print('| goal | limit | measured | |');
  print('| --- | ---: | ---: | --- |');
  goal(
    'cold clicks a second / those of the stateless design',
    '>= 1',
    ratePerSecond / theirRate,
    (x) => x >= 1,
  );
  goal('CPU of a cold click / that of the stateless design', '<= 1', cpu / theirCpu, (x) => x <= 1);
  for (const count of counts)
    goal(
      `${count} annotators: share under 400 ms`,
      '>= 0.99',
      crowd(count)?.inTime ?? Number.NaN,
      (x) => x >= 0.99,
    );
  goal('warm click over HTTP minus bare session.run, p50, ms', '<= 2', aloneP50 - bareP50, (x) => x <= 2);
  goal('CPU of a warm click, ms', '<= 6', warmCpu, (x) => x <= 6);
  goal(
    'annotators that two cores carry warm, by that CPU',
    '>= 1500',
    (2000 / warmCpu) * 5,
    (x) => x >= 1500,
  );
  goal(
    'second click on a frame, p50, ms',
    '<= 20',
    of('nearbox', (r) => r.secondP50Ms),
    (x) => x <= 20,
  );
  goal(
    'cold click alone, p50, ms',
    '<= 110',
    of('nearbox', (r) => r.aloneP50Ms),
    (x) => x <= 110,
  );
  const most = Math.max(...counts);
  goal(`memory at ${most} annotators, MiB`, '<= 800', crowd(most)?.peakMiB ?? Number.NaN, (x) => x <= 800);
  print('');
  print(
    `warm: ${medianOf(warm.nearbox.map(({ perSecond }) => perSecond)).toFixed(0)} a second at 6 in flight; alone p50 ${aloneP50.toFixed(2)} ms, bare session.run p50 ${bareP50.toFixed(2)} ms; ${machineLine()}`,
  );
}

/** How many clicks got no box, and what they got instead. */
function failuresOf({ failed, failures }: AnnotatorsResult): string {
  const each = Object.entries(failures).map(([what, count]) => `${count} ${what}`);
  return failed === 0 ? '0' : each.join(', ');
}

function goal(what: string, limit: string, measured: number, holds: (measured: number) => boolean): void {
  print(`| ${what} | ${limit} | ${measured.toFixed(2)} | ${holds(measured) ? 'holds' : '**missed**'} |`);
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PROJECT, encoding: 'utf8' }).trim();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
