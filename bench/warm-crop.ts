/**
 * Crops of decoded nodes, nothing to fetch and nothing to decode: 10 nodes of 50,000 points, by kind of region.
 *
 *     npx tsx bench/warm-crop.ts
 *
 * Milliseconds of processor time, medians and the best of many rounds, the regions taking turns: other load on the machine counts for little then. What is timed is `PointsView.crop`: selecting the points, and copying them out as
 * float32 around an origin.
 */
import type { DecodedNode } from '../octree/decoded-node.ts';
import type { Vec3 } from '../octree/index.ts';
import { PointsView, type PointsViewOptions } from '../octree/points-view.ts';
import type { Region } from '../octree/region.ts';
import { tightBounds } from '../octree/tight-bounds.ts';
import { machineLine, median } from './machine.ts';
import { randomFrom } from './random.ts';

const NODES = 10;
const POINTS = 50_000;
const ROUNDS = 24;
const ORIGIN: Vec3 = [637_290, 4_851_209, 100];
const SCALE: Vec3 = [0.001, 0.001, 0.001];
/** Metres from the middle to each side of the nodes, which lie over each other as levels of an octree do. */
const REACH = 20;

const random = randomFrom(7);

function node(reach: number): DecodedNode {
  const axis = (most: number) => Int32Array.from({ length: POINTS }, () => (random() * 2 - 1) * most * 1000);
  const [x, y, z] = [axis(reach), axis(reach), axis(2)];
  const bounds = tightBounds(x, y, z, SCALE, ORIGIN);
  const intensity = { raw: new Uint16Array(POINTS), scale: 1, offset: 0 };
  return { count: POINTS, x, y, z, scale: SCALE, offset: ORIGIN, bounds, intensity };
}

/** A star around the middle: `corners` of them, from 3 to `reach` metres away. */
function lasso(corners: number, reach: number): Region {
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const radius = reach * (0.7 + 0.3 * Math.sin(5 * angle));
    return [ORIGIN[0] + radius * Math.cos(angle), ORIGIN[1] + radius * Math.sin(angle)] as const;
  });
  return { type: 'polygon', ring };
}

/** From above, 50 m high: what lies on the ground `reach` metres to each side is in the ring. */
function frustum(reach: number): Region {
  const [x, y, z] = ORIGIN;
  const eye = z + 50;
  const viewProjection = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1, -x, -y, eye - 20, eye];
  const ring = Array.from({ length: 40 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 40;
    return [(reach / 50) * Math.cos(angle), (reach / 50) * Math.sin(angle)] as const;
  });
  return { type: 'frustum', viewProjection, ring };
}

const REGIONS: Record<string, Region> = {
  'click, 5 m': { type: 'click', position: ORIGIN },
  'sphere, 15 m': { type: 'sphere', center: ORIGIN, radius: 15 },
  'sphere around everything': { type: 'sphere', center: ORIGIN, radius: 100 },
  'box of a car': { type: 'box', center: ORIGIN, size: [5, 2.5, 2], yaw: 0.5 },
  'box, 30 m': { type: 'box', center: ORIGIN, size: [30, 30, 10], yaw: 0.5 },
  'box around everything': { type: 'box', center: ORIGIN, size: [100, 100, 100], yaw: 0.5 },
  'lasso, 6 corners, 5 m': lasso(6, 5),
  'lasso, 40 corners, 18 m': lasso(40, 18),
  'lasso, 500 corners, 18 m': lasso(500, 18),
  'lasso around everything': lasso(40, 100),
  'frustum, 40 corners, 5 m': frustum(5),
  'frustum, 40 corners, 18 m': frustum(18),
};

const nodes = Array.from({ length: NODES }, () => node(REACH));
const view = new PointsView({
  nodes,
  isTruncated: false,
  clickRadius: 5,
} as unknown as PointsViewOptions);

const times = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, region] of Object.entries(REGIONS)) {
    const before = process.cpuUsage();
    view.crop(region, ORIGIN);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    // The first rounds are the compiler's.
    if (round >= ROUNDS / 4) times.set(name, [...(times.get(name) ?? []), ms]);
  }
}

console.log(machineLine());
console.log(`${NODES} nodes of ${POINTS} points, ${ROUNDS} rounds\n`);
console.log(`| region | points | median ms | best ms |\n| --- | --- | --- | --- |`);
for (const [name, all] of times) {
  const count = view.count(REGIONS[name]!);
  console.log(`| ${name} | ${count} | ${median(all).toFixed(2)} | ${Math.min(...all).toFixed(2)} |`);
}
