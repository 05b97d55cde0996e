/**
 * Crops of decoded nodes, nothing to fetch and nothing to decode, by kind of region: 10 nodes of 50,000
 * points, or what a cloud has around its middle.
 *
 *     npx tsx --single-threaded-gc bench/speed/warm-crop.ts [CLOUD]
 *
 * Milliseconds of processor time, medians and the best of many rounds, the regions taking turns: other load
 * on the machine counts for little then. What is timed is `PointsView.crop`: selecting the points, and
 * copying them out as float32 around an origin. The flag keeps the garbage collector's work, but not the
 * spinning of helpers that wait for a core.
 */

import path from 'node:path';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader, type Vec3 } from '../../octree/index.ts';
import type { DecodedNode } from '../../octree/points/index.ts';
import { tightBounds } from '../../octree/points/index.ts';
import { PointsView, type PointsViewOptions } from '../../octree/reader/index.ts';
import type { Region } from '../../octree/regions/index.ts';
import { machineLine, medianOf } from '../kit/index.ts';

const NODES = 10;
const POINTS = 50_000;
const ROUNDS = 60;
const SCALE: Vec3 = [0.001, 0.001, 0.001];
/**
 * Metres from the middle to each side of the nodes, which lie over each other as levels of an octree do; of a
 * cloud, at most.
 */
const REACH = 20;

/** What there is to crop, and its middle. */
interface CropPlace {
  readonly view: PointsView;
  readonly origin: Vec3;
  readonly reach: number;
  readonly title: string;
}

const random = mulberry32(7);

function node(origin: Vec3): DecodedNode {
  const axis = (most: number) => Int32Array.from({ length: POINTS }, () => (random() * 2 - 1) * most * 1000);
  const [x, y, z] = [axis(REACH), axis(REACH), axis(2)];
  const bounds = tightBounds(x, y, z, SCALE, origin);
  const intensity = { raw: new Uint16Array(POINTS), scale: 1, offset: 0 };
  return { count: POINTS, x, y, z, scale: SCALE, offset: origin, bounds, intensity };
}

function scattered(): CropPlace {
  const origin: Vec3 = [637_290, 4_851_209, 100];
  const nodes = Array.from({ length: NODES }, () => node(origin));
  const view = new PointsView({ nodes, isTruncated: false, clickRadius: 5 } as unknown as PointsViewOptions);
  return { view, origin, reach: REACH, title: `${NODES} nodes of ${POINTS} points, all over the place` };
}

async function middleOf(cloud: string): Promise<CropPlace> {
  const { dir: root, base: id } = path.parse(path.resolve(cloud));
  const reader = new CloudReader({ source: new FolderSource({ root }) });
  const { bounds } = await reader.cloud(id);
  const middle = (axis: 0 | 1 | 2) => (bounds.min[axis] + bounds.max[axis]) / 2;
  const origin: Vec3 = [middle(0), middle(1), middle(2)];
  const reach = Math.min(REACH, Math.max(bounds.max[0] - bounds.min[0], bounds.max[1] - bounds.min[1]) / 2);
  // A cuboid that holds all of the regions that are timed.
  const around: Region = { type: 'box', center: origin, size: [10 * reach, 10 * reach, 10 * reach], yaw: 0 };
  const view = await reader.read(id, [around]);
  await reader.close();
  const title = `${id}: ${view.cost.nodes} nodes, ${view.count(around)} points within ${(5 * reach).toFixed(0)} m of its middle`;
  return { view, origin, reach, title };
}

const place = process.argv[2] === undefined ? scattered() : await middleOf(process.argv[2]);
const { view, origin: ORIGIN, title } = place;
/** Of a place that is smaller, regions are as well. */
const unit = place.reach / REACH;

/** A star around the middle: `corners` of them, from 3 to `reach` metres away. */
function lasso(corners: number, reach: number): Region {
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const radius = unit * reach * (0.7 + 0.3 * Math.sin(5 * angle));
    return [ORIGIN[0] + radius * Math.cos(angle), ORIGIN[1] + radius * Math.sin(angle)] as const;
  });
  return { type: 'polygon', ring };
}

/** From above, 50 m high: what lies on the ground `reach` metres to each side is in the ring. */
function frustum(reach: number): Region {
  const [x, y, z] = ORIGIN;
  const eye = z + 50 * unit;
  const viewProjection = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, -x, -y, eye - 20 * unit, eye];
  const ring = Array.from({ length: 40 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 40;
    return [(reach / 50) * Math.cos(angle), (reach / 50) * Math.sin(angle)] as const;
  });
  return { type: 'frustum', viewProjection, ring };
}

const REGIONS: Record<string, Region> = {
  'sphere, 5 m': { type: 'sphere', center: ORIGIN, radius: 5 * unit },
  'sphere, 15 m': { type: 'sphere', center: ORIGIN, radius: 15 * unit },
  'sphere around everything': { type: 'sphere', center: ORIGIN, radius: 100 * unit },
  'box of a car': { type: 'box', center: ORIGIN, size: [5 * unit, 2.5 * unit, 2 * unit], yaw: 0.5 },
  'box, 30 m': { type: 'box', center: ORIGIN, size: [30 * unit, 30 * unit, 10 * unit], yaw: 0.5 },
  'box around everything': {
    type: 'box',
    center: ORIGIN,
    size: [100 * unit, 100 * unit, 100 * unit],
    yaw: 0.5,
  },
  'lasso, 6 corners, 5 m': lasso(6, 5),
  'lasso, 40 corners, 18 m': lasso(40, 18),
  'lasso, 500 corners, 18 m': lasso(500, 18),
  'lasso around everything': lasso(40, 100),
  'frustum, 40 corners, 5 m': frustum(5),
  'frustum, 40 corners, 18 m': frustum(18),
};

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

const times = new Map<string, number[]>(Object.keys(REGIONS).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  // In another order each time: the collector comes every dozen crops, and would come to the same ones.
  for (const [name, region] of shuffled(Object.entries(REGIONS))) {
    const before = process.cpuUsage();
    view.crop(region, ORIGIN);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    // The first rounds are the compiler's.
    if (round >= ROUNDS / 4) times.get(name)!.push(ms);
  }
}

console.log(machineLine());
console.log(`${title}; ${ROUNDS} rounds; metres times ${unit.toFixed(2)}\n`);
console.log(`| region | points | median ms | mean ms | best ms |\n| --- | --- | --- | --- | --- |`);
for (const [name, all] of times) {
  const count = view.count(REGIONS[name]!);
  const mean = all.reduce((sum, ms) => sum + ms, 0) / all.length;
  const figures = [medianOf(all), mean, Math.min(...all)].map((ms) => ms.toFixed(2));
  console.log(`| ${name} | ${count} | ${figures.join(' | ')} |`);
}
