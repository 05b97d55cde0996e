/**
 * A long run with far more tiles than fit: clicks at random places of a working set ten times the memory
 * tier, against a server in a process of its own with a disk tier smaller than the working set as well. Its
 * resident memory and the disk must stay below what is stated; exits with 1 if they do not.
 *
 *   npm run soak -- [--minutes 10] [--memory-mib 32] [--disk-mib 64] [--times 10] [--json]
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader } from '../../octree/index.ts';
import { type LabelledSequence, labelledSequence, machineLine } from '../kit/index.ts';

const MIB = 2 ** 20;
const PROGRAM = fileURLToPath(new URL('../../app/bin/nearbox.mjs', import.meta.url));
/** What a fit looks at around a click, metres. */
const REACH_METRES = 15;

export interface SoakOptions {
  /** How long the clicks go on, milliseconds, */
  readonly forMs: number;
  /** and how many there are at most. */
  readonly maxClicks?: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** The working set, in memory tiers. */
  readonly times: number;
}

export interface SoakReport {
  readonly clicks: number;
  /** Clicks that were not answered in time or found the origin too slow: this machine does both. */
  readonly failures: number;
  readonly clouds: number;
  /** Decoded bytes of all tiles that the clicks can touch. */
  readonly workingSetBytes: number;
  /** Of the server's process: when it was ready, the most, and the last. */
  readonly resident: { readonly atStart: number; readonly most: number; readonly last: number };
  /** What resident memory must stay below. */
  readonly residentLimit: number;
  /** The most that the disk tier's folder took, in the file system's blocks; and what it must stay below. */
  readonly diskMost: number;
  readonly diskLimit: number;
  readonly tiers: Readonly<
    Record<string, Readonly<Record<'hits' | 'misses' | 'evictions' | 'bytes', number>>>
  >;
  readonly originBytesPerClick: number;
  readonly isWithin: boolean;
}

/**
 * The ceiling for resident memory: what the process has when it is ready, the tier, as much again for what is
 * dropped but not yet collected, and a fixed part for tiles in flight, the code's growth and the collector's
 * slack.
 */
export function residentLimit(atStart: number, memoryBytes: number): number {
  return atStart + 2 * memoryBytes + 256 * MIB;
}

export async function soak(
  options: SoakOptions,
  onSample: (line: string) => void = () => {},
): Promise<SoakReport> {
  const workingSetOfOne = await decodedBytesOfDemo();
  const copies = Math.ceil((options.times * options.memoryBytes) / workingSetOfOne);
  const sequence = await labelledSequence(undefined, copies);
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-soak-'));
  const server = await launch([
    ...['--port', '0', '--clouds', sequence.origin.base, '--disk-cache', folder],
    ...['--memory-bytes', `${options.memoryBytes}`, '--disk-tile-bytes', `${options.diskBytes}`],
    ...['--timeout-ms', '60000', '--max-timeout-ms', '60000', '--storage-timeout-ms', '60000'],
  ]);
  try {
    const atStart = (await server.metrics()).get('process_resident_memory_bytes')!;
    const resident = { atStart, most: atStart, last: atStart };
    let diskMost = 0;
    let clicks = 0;
    let failures = 0;
    const random = mulberry32(7);
    const until = performance.now() + options.forMs;
    const { maxClicks = Number.POSITIVE_INFINITY } = options;
    const isOver = () => performance.now() >= until || clicks >= maxClicks;
    const click = async () => {
      while (!isOver()) {
        if (!(await ask(server.url, sequence, random))) failures += 1;
        clicks += 1;
      }
    };
    const watch = async () => {
      for (let n = 1; !isOver(); n += 1) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        resident.last = (await server.metrics()).get('process_resident_memory_bytes')!;
        resident.most = Math.max(resident.most, resident.last);
        diskMost = Math.max(diskMost, await bytesOnDisk(folder));
        if (n % 60 === 0)
          onSample(`${clicks} clicks, resident ${mib(resident.last)}, disk ${mib(diskMost)} at most`);
      }
    };
    await Promise.all([click(), click(), watch()]);
    const metrics = await server.metrics();
    const tier = (name: string) => {
      const of = (metric: string) => metrics.get(`nearbox_cache_${metric}{tier="${name}"}`) ?? 0;
      return {
        hits: of('hits_total'),
        misses: of('misses_total'),
        evictions: of('evictions_total'),
        bytes: of('bytes'),
      };
    };
    const limit = residentLimit(atStart, options.memoryBytes);
    return {
      clicks,
      failures,
      clouds: sequence.clouds.length,
      workingSetBytes: workingSetOfOne * copies,
      resident,
      residentLimit: limit,
      diskMost,
      diskLimit: options.diskBytes,
      tiers: { tiles: tier('tiles'), metadata: tier('metadata'), disk: tier('disk') },
      originBytesPerClick: sequence.origin.sentBytes / clicks,
      isWithin: resident.most <= limit && diskMost <= options.diskBytes,
    };
  } finally {
    await server.stop();
    await sequence.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the tiles of the demo's clouds that clicks on its objects touch take in memory. */
async function decodedBytesOfDemo(): Promise<number> {
  const { clouds, close } = await labelledSequence();
  const reader = new CloudReader({ source: new FolderSource({ root: DEMO_CLOUDS }) });
  try {
    for (const { id, objects } of clouds)
      for (const { position } of objects)
        await reader.read(id, [{ type: 'sphere', center: position, radius: REACH_METRES }]);
    return reader.stats().tiles.bytes;
  } finally {
    await reader.close();
    await close();
  }
}

/** True if there was a box, false if a machine that is short of time was too slow; all else ends the run. */
async function ask(url: string, { clouds }: LabelledSequence, random: () => number): Promise<boolean> {
  const pick = <Value>(list: readonly Value[]) => list[Math.floor(random() * list.length)]!;
  const { id, objects } = pick(clouds);
  const { position } = pick(objects);
  const response = await fetch(`${url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud: id, region: { type: 'click', position } }),
  });
  const text = await response.text();
  if (/"code":"(source_unavailable|deadline_exceeded|overloaded)"/.test(text)) return false;
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return true;
}

async function launch(flags: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  let url = '';
  for await (const line of createInterface({ input: child.stdout })) {
    url = /http:\/\/\S+$/.exec(line)?.[0] ?? '';
    if (url !== '') break;
  }
  if (url === '') throw new Error('the server did not start');
  return {
    url,
    async metrics() {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      return new Map(
        lines.map((line) => {
          const at = line.lastIndexOf(' ');
          return [line.slice(0, at), Number(line.slice(at + 1))] as const;
        }),
      );
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** What the files of a folder take from the disk; those that go meanwhile count nothing. */
async function bytesOnDisk(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(path.join(entry.parentPath, entry.name)).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

const mib = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      'memory-mib': { type: 'string', default: '32' },
      'disk-mib': { type: 'string', default: '64' },
      times: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  const options: SoakOptions = {
    forMs: Number(values.minutes) * 60_000,
    memoryBytes: Number(values['memory-mib']) * MIB,
    diskBytes: Number(values['disk-mib']) * MIB,
    times: Number(values.times),
  };
  if (!values.json) console.log(machineLine());
  const report = await soak(options, (line) => {
    if (!values.json) console.log(line);
  });
  if (values.json) console.log(JSON.stringify({ machine: machineLine(), options, ...report }));
  else {
    const { resident, tiers } = report;
    console.log(
      `${report.clicks} clicks (${report.failures} too slow) on ${report.clouds} clouds, working set ${mib(report.workingSetBytes)} decoded`,
    );
    console.log(
      `resident: ${mib(resident.atStart)} when ready, ${mib(resident.most)} at most, ${mib(resident.last)} last; ceiling ${mib(report.residentLimit)}`,
    );
    console.log(`disk: ${mib(report.diskMost)} at most; ceiling ${mib(report.diskLimit)}`);
    for (const [name, { hits, misses, evictions, bytes }] of Object.entries(tiers))
      console.log(
        `${name}: ${((100 * hits) / Math.max(1, hits + misses)).toFixed(1)} % hits, ${evictions} evictions, ${mib(bytes)} at the end`,
      );
    console.log(`${(report.originBytesPerClick / 1024).toFixed(1)} KiB from the origin per click`);
    console.log(report.isWithin ? 'within the ceilings' : 'ABOVE A CEILING');
  }
  if (!report.isWithin) process.exitCode = 1;
}

if (import.meta.url === `file://${process.argv[1]}`) await main();
