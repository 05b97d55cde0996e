/**
 * A first click on a cloud in each layout that `nearbox build` writes: waits for the storage, requests, bytes
 * and processor time, with nothing known of the cloud before. `npm run bench -- layouts`; docs/node-size.md
 * holds a run and what follows from it. Frames are those of `../shared/real/kitti-dev`, the large cloud is
 * `../shared/interop/lone-star.copc.laz`, built anew.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderSource } from '../../cache/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { type BuildOptions, buildClouds } from '../../octree/build/index.ts';
import { CloudReader, type Vec3 } from '../../octree/index.ts';
import { TideSource, waitsOf } from '../../octree/testing/index.ts';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const FRAMES = '../shared/real/kitti-dev';
const LARGE = '../shared/interop/lone-star.copc.laz';
const LAYOUTS: readonly (readonly [string, BuildOptions])[] = [
  ['EPT, zstandard', {}],
  ['EPT, binary', { encoding: 'binary' }],
  ['EPT, laszip', { encoding: 'laszip' }],
  ['COPC', { to: 'copc' }],
];
const FRAMES_MEASURED = 4;
const CLICKS_PER_CLOUD = 3;
const LEAST_POINTS = 20;
/** What the network looks at. */
const RADIUS_METRES = 15;
const CPU_ROUNDS = 2;

interface Clicks {
  /** The cloud's input. */
  readonly input: string;
  readonly positions: readonly Vec3[];
}

interface LayoutRow {
  readonly waits: number[];
  readonly requests: number[];
  readonly kilobytes: number[];
  readonly cpuMs: number[];
  cloudBytes: number;
}

console.log(machineLine());
for (const [name, clicks] of [
  ['frames', await frameClicks()],
  ['a cloud of 518,862 points', await largeClicks()],
] as const) {
  const count = clicks.reduce((sum, { positions }) => sum + positions.length, 0);
  console.log(`\n${name}: ${count} clicks, ${RADIUS_METRES} m around each; medians (90th percentile)\n`);
  console.log('| layout | waits | requests | KB | CPU ms | KB of a cloud |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const [layout, options] of LAYOUTS) print(layout, await measure(clicks, options), clicks.length);
}

async function frameClicks(): Promise<Clicks[]> {
  const { frames } = JSON.parse(await readFile(path.join(FRAMES, 'index.json'), 'utf8')) as {
    frames: { points: string; objects: { center: Vec3; numPoints: number }[] }[];
  };
  const step = Math.max(1, Math.floor(frames.length / FRAMES_MEASURED));
  return frames
    .filter((_, index) => index % step === 0)
    .slice(0, FRAMES_MEASURED)
    .map(({ points, objects }) => ({
      input: path.join(FRAMES, points),
      positions: objects
        .filter(({ numPoints }) => numPoints >= LEAST_POINTS)
        .slice(0, CLICKS_PER_CLOUD)
        .map(({ center }) => center),
    }));
}

/** Points of the cloud itself, evenly through its file. */
async function largeClicks(): Promise<Clicks[]> {
  const reader = new CloudReader({ source: new FolderSource({ root: path.dirname(LARGE) }) });
  try {
    const id = path.basename(LARGE);
    const { bounds } = await reader.cloud(id);
    const center = bounds.min.map((low, axis) => (low + bounds.max[axis]!) / 2) as unknown as Vec3;
    const everything = { type: 'sphere', center, radius: 1e6 } as const;
    const { xyz, count } = (await reader.read(id, [everything])).points(everything);
    const positions = Array.from({ length: 2 * CLICKS_PER_CLOUD }, (_, i): Vec3 => {
      const at = 3 * Math.floor(((i + 0.5) * count) / (2 * CLICKS_PER_CLOUD));
      return [xyz[at]!, xyz[at + 1]!, xyz[at + 2]!];
    });
    return [{ input: LARGE, positions }];
  } finally {
    await reader.close();
  }
}

async function measure(clicks: readonly Clicks[], options: BuildOptions): Promise<LayoutRow> {
  const row: LayoutRow = { waits: [], requests: [], kilobytes: [], cpuMs: [], cloudBytes: 0 };
  const root = await mkdtemp(path.join(tmpdir(), 'nearbox-layouts-'));
  try {
    for (const { input, positions } of clicks) {
      const { clouds } = await buildClouds([input], root, options);
      row.cloudBytes += clouds[0]!.bytes;
      for (const position of positions) {
        await countWaits(root, clouds[0]!.id, position, row);
        for (let round = 0; round < CPU_ROUNDS; round++)
          row.cpuMs.push(await clickCost(new FolderSource({ root }), clouds[0]!.id, position));
      }
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return row;
}

async function countWaits(root: string, id: string, position: Vec3, row: LayoutRow): Promise<void> {
  // Objects that have not changed for long, as in a storage that says so.
  const storage = { now: 0 };
  const memory = new MemorySource([], { clock: () => storage.now });
  for (const name of await readdir(root, { recursive: true, withFileTypes: true }))
    if (name.isFile()) {
      const file = path.join(name.parentPath, name.name);
      memory.put(path.relative(root, file).replaceAll(path.sep, '/'), new Uint8Array(await readFile(file)));
    }
  storage.now = 60_000;
  const source = new TideSource(memory);
  const reader = new CloudReader({ source, decodeWorkers: 1, readAheadPoints: 0, clock: () => storage.now });
  try {
    await reader.ready();
    const click = reader.read(id, [{ type: 'sphere', center: position, radius: RADIUS_METRES }]);
    const { value, waits } = await waitsOf(source, click);
    row.waits.push(waits.length);
    row.requests.push(waits.flat().filter((call) => call.startsWith('GET')).length);
    row.kilobytes.push(value.cost.bytes / 1000);
  } finally {
    await reader.close();
  }
}

async function clickCost(source: FolderSource, id: string, position: Vec3): Promise<number> {
  const reader = new CloudReader({ source, decodeWorkers: 1, readAheadPoints: 0 });
  try {
    await reader.ready();
    const before = process.cpuUsage();
    await reader.read(id, [{ type: 'sphere', center: position, radius: RADIUS_METRES }]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  } finally {
    await reader.close();
  }
}

function print(layout: string, row: LayoutRow, clouds: number): void {
  const both = (values: readonly number[], digits = 0) =>
    `${medianOf([...values]).toFixed(digits)} (${quantile([...values], 0.9).toFixed(digits)})`;
  const cells = [layout, both(row.waits), both(row.requests), both(row.kilobytes), both(row.cpuMs, 1)];
  console.log(`| ${[...cells, (row.cloudBytes / clouds / 1000).toFixed(0)].join(' | ')} |`);
}
