/**
 * Which policy, and how much cache: replays what annotators ask for (`click-trace.ts`) over cache sizes and
 * policies, and prints hit ratios and bytes from the origin per click. `npx tsx bench/caching/cache-replay.ts
 * [--workload frames|scenes] [--annotators N] [--sequences N] [--seed N] [--json]`.
 */
import { parseArgs } from 'node:util';
import { machineLine } from '../kit/index.ts';
import { DEFAULT_TRACE, makeTrace, type Trace, type TracedClick, type TraceOptions } from './click-trace.ts';
import type { Policy } from './policies/index.ts';
import { Lru, S3Fifo, Sieve, WTinyLfu } from './policies/index.ts';

/** What a cache is asked for: frames of single sweeps, or scenes that many sweeps were joined to. */
export const WORKLOADS = {
  frames: { ...DEFAULT_TRACE, sequences: 24, points: 120_000, nodePoints: 4096 },
  scenes: {
    ...DEFAULT_TRACE,
    sequences: 24,
    frames: 1,
    objects: 300,
    points: 20_000_000,
    nodePoints: 16_384,
  },
} satisfies Record<string, TraceOptions>;

export const POLICIES: Readonly<Record<string, (maxBytes: number, meanBytes: number) => Policy>> = {
  LRU: (maxBytes) => new Lru(maxBytes),
  SIEVE: (maxBytes) => new Sieve(maxBytes),
  'S3-FIFO': (maxBytes) => new S3Fifo(maxBytes),
  'W-TinyLFU': (maxBytes, meanBytes) => new WTinyLfu(maxBytes, meanBytes),
};

/** Cache sizes, as shares of all bytes that the trace asks for at least once. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

export interface Replay {
  readonly policy: string;
  readonly cacheBytes: number;
  readonly hitRatio: number;
  readonly originBytesPerClick: number;
}

/** What a policy makes of the clicks. */
export function replay(
  clicks: readonly TracedClick[],
  policy: Policy,
): Omit<Replay, 'policy' | 'cacheBytes'> {
  let asked = 0;
  let hits = 0;
  let originBytes = 0;
  for (const { nodes } of clicks) {
    for (const { key, bytes } of nodes) {
      asked += 1;
      if (policy.request(key, bytes)) hits += 1;
      else originBytes += bytes;
    }
  }
  return { hitRatio: hits / asked, originBytesPerClick: originBytes / clicks.length };
}

/** What there is without a cache, and without octrees. */
export function baselines({ clicks, cloudBytes }: Trace) {
  const all = new Map<string, number>();
  let asked = 0;
  for (const { nodes } of clicks) {
    for (const { key, bytes } of nodes) {
      all.set(key, bytes);
      asked += bytes;
    }
  }
  const workingSet = [...all.values()].reduce((sum, bytes) => sum + bytes, 0);
  const wholeClouds = clicks.reduce((sum, { cloud }) => sum + (cloudBytes.get(cloud) ?? 0), 0);
  return {
    nodes: all.size,
    workingSetBytes: workingSet,
    /** Every node from the origin, every time. */
    uncachedBytesPerClick: asked / clicks.length,
    /** The whole cloud from the origin for every click. */
    wholeCloudBytesPerClick: wholeClouds / clicks.length,
    /** Every node from the origin once: no cache does better. */
    leastBytesPerClick: workingSet / clicks.length,
  };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      workload: { type: 'string', multiple: true },
      annotators: { type: 'string' },
      sequences: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const machine = machineLine();
  if (!values.json) console.log(machine);
  for (const name of values.workload ?? Object.keys(WORKLOADS)) {
    if (!(name in WORKLOADS))
      throw new Error(`--workload ${name}: one of ${Object.keys(WORKLOADS).join(', ')}`);
    const options: TraceOptions = { ...WORKLOADS[name as keyof typeof WORKLOADS], ...numbers(values) };
    const trace = makeTrace(options);
    const base = baselines(trace);
    const meanBytes = base.workingSetBytes / base.nodes;
    const rows = SHARES.flatMap((share) =>
      Object.entries(POLICIES).map(([policy, make]): Replay => {
        const cacheBytes = Math.round(base.workingSetBytes * share);
        return { policy, cacheBytes, ...replay(trace.clicks, make(cacheBytes, meanBytes)) };
      }),
    );
    if (values.json)
      console.log(
        JSON.stringify({ machine, workload: name, options, clicks: trace.clicks.length, ...base, rows }),
      );
    else print(name, options, trace, base, rows);
  }
}

function print(
  name: string,
  options: TraceOptions,
  trace: Trace,
  base: ReturnType<typeof baselines>,
  rows: readonly Replay[],
): void {
  const kib = (bytes: number) => (bytes / 1024).toFixed(1);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const { annotators, sequences, frames, objects, points, nodePoints, seed } = options;
  console.log(
    `\n${name}: ${annotators} annotators, ${sequences} sequences of ${frames} frames with ${objects} objects, ${points} points a cloud, ${nodePoints} a node, seed ${seed}`,
  );
  console.log(
    `${trace.clicks.length} clicks on ${base.nodes} nodes, ${mib(base.workingSetBytes)} MiB. KiB per click: ${kib(base.wholeCloudBytesPerClick)} by whole clouds, ${kib(base.uncachedBytesPerClick)} by nodes without a cache, ${kib(base.leastBytesPerClick)} at the least.`,
  );
  const policies = Object.keys(POLICIES);
  console.log(
    `| cache, MiB (share) | ${policies.map((policy) => `${policy} hits, KiB/click`).join(' | ')} |`,
  );
  console.log(`| ---: |${policies.map(() => ' ---: |').join('')}`);
  for (const share of SHARES) {
    const cacheBytes = Math.round(base.workingSetBytes * share);
    const cells = rows
      .filter((row) => row.cacheBytes === cacheBytes)
      .map((row) => `${(100 * row.hitRatio).toFixed(1)} %, ${kib(row.originBytesPerClick)}`);
    console.log(`| ${mib(cacheBytes)} (${100 * share} %) | ${cells.join(' | ')} |`);
  }
}

function numbers(values: { annotators?: string; sequences?: string; seed?: string }): Partial<TraceOptions> {
  const given = Object.entries(values).filter(([name]) => ['annotators', 'sequences', 'seed'].includes(name));
  return Object.fromEntries(
    given.map(([name, text]) => {
      const value = Number(text);
      if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} ${text}: a positive integer`);
      return [name, value];
    }),
  );
}

if (import.meta.url === `file://${process.argv[1]}`) main();
