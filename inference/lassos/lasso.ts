/**
 * What a lasso is about. People draw it loosely round one object, so that ground and pieces of neighbours are in it: the ground is taken away, what is
 * left falls into clusters seen from above, and the one that fills most of the lasso is meant; on the screen, the nearest of those that fill much of it.
 */
import type { Box, Vec2, Vec3 } from '../boxes/index.ts';
import { smallestRectangle } from '../boxes/index.ts';

/** Where the object of a lasso is. All coordinates are those of the points handed in. */
export interface LassoTarget {
  /** A point of the object, amid its others. */
  readonly click: Vec3;
  /** A box round the object's points. */
  readonly around: Box;
}

/** Where a point appears to the one who draws: two coordinates in the plane of the lasso, and how far behind it. */
export type Look = (x: number, y: number, z: number) => readonly [u: number, v: number, depth: number];

/** More points than these are thinned before they are looked at: every n-th is enough to find an object. */
const MOST_POINTS = 8_000;
/** Ground is sought in cells of this size and their neighbours, metres. */
const GROUND_CELL = 1.5;
/** Points lower than this over the lowest near them are ground or as good as, metres. */
const GROUND_BAND = 0.25;
/** ... and above this they hang over the object: branches, wires. */
const CEILING = 4.5;
/** Points whose cells of this size touch belong together, metres. */
const CLUSTER_CELL = 0.4;
/** On the screen, the nearest cluster counts that has at least this share of the largest one's apparent size. */
const MUCH = 0.4;
/** No box is thinner than this, metres. */
const LEAST_SIDE = 0.3;

/**
 * The object of a lasso.
 * @param positions x, y, z interleaved; values that are not finite are passed over
 * @param look null: seen from above, where nothing is nearer than the rest
 * @returns null if there is no finite point
 */
export function findInLasso(positions: Float32Array, count: number, look: Look | null): LassoTarget | null {
  const all = thinned(positions, count);
  if (all.length === 0) return null;
  const standing = withoutGround(positions, all);
  const clusters = clustered(positions, standing.length > 0 ? standing : all);
  const chosen = look === null ? largest(positions, clusters, ABOVE) : nearest(positions, clusters, look);
  return { click: amid(positions, chosen), around: boxRound(positions, chosen) };
}

const ABOVE: Look = (x, y) => [x, y, 0];

/** Places of finite points, at most MOST_POINTS of them. */
function thinned(positions: Float32Array, count: number): number[] {
  const step = Math.max(1, Math.ceil(count / MOST_POINTS));
  const kept: number[] = [];
  for (let i = 0; i < count; i += step) {
    const at = 3 * i;
    if (Number.isFinite(positions[at]! + positions[at + 1]! + positions[at + 2]!)) kept.push(at);
  }
  return kept;
}

function withoutGround(positions: Float32Array, points: readonly number[]): number[] {
  const lowest = new Map<number, number>();
  const cell = (v: number) => Math.floor(v / GROUND_CELL);
  for (const at of points) {
    const key = cellKey(cell(positions[at]!), cell(positions[at + 1]!));
    lowest.set(key, Math.min(lowest.get(key) ?? Number.POSITIVE_INFINITY, positions[at + 2]!));
  }
  const floors = new Map<number, number>();
  const floorAt = (x: number, y: number): number => {
    const [i, j] = [cell(x), cell(y)];
    const key = cellKey(i, j);
    let floor = floors.get(key);
    if (floor === undefined) {
      floor = Number.POSITIVE_INFINITY;
      for (let di = -1; di <= 1; di++)
        for (let dj = -1; dj <= 1; dj++)
          floor = Math.min(floor, lowest.get(cellKey(i + di, j + dj)) ?? Number.POSITIVE_INFINITY);
      floors.set(key, floor);
    }
    return floor;
  };
  return points.filter((at) => {
    const over = positions[at + 2]! - floorAt(positions[at]!, positions[at + 1]!);
    return over >= GROUND_BAND && over <= CEILING;
  });
}

/** Points in groups that hang together seen from above: cells that touch, corners included. */
function clustered(positions: Float32Array, points: readonly number[]): number[][] {
  const cells = new Map<number, { i: number; j: number; points: number[]; isTaken: boolean }>();
  for (const at of points) {
    const i = Math.floor(positions[at]! / CLUSTER_CELL);
    const j = Math.floor(positions[at + 1]! / CLUSTER_CELL);
    const key = cellKey(i, j);
    const found = cells.get(key);
    if (found) found.points.push(at);
    else cells.set(key, { i, j, points: [at], isTaken: false });
  }
  const clusters: number[][] = [];
  for (const start of cells.values()) {
    if (start.isTaken) continue;
    start.isTaken = true;
    const open = [start];
    const members: number[] = [];
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      members.push(...cell.points);
      for (let di = -1; di <= 1; di++)
        for (let dj = -1; dj <= 1; dj++) {
          const next = cells.get(cellKey(cell.i + di, cell.j + dj));
          if (next === undefined || next.isTaken) continue;
          next.isTaken = true;
          open.push(next);
        }
    }
    clusters.push(members);
  }
  return clusters;
}

/** One number for a cell: exact for cells up to a million from the origin. */
function cellKey(i: number, j: number): number {
  return (i + 2 ** 20) * 2 ** 21 + j + 2 ** 20;
}

interface Apparent {
  readonly points: readonly number[];
  readonly size: number;
  readonly depth: number;
}

/** How large a cluster looks (the area of its bounds in the plane of the lasso), and its median depth. */
function apparent(positions: Float32Array, points: readonly number[], look: Look): Apparent {
  let [left, below, right, above] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  const depths = new Float64Array(points.length);
  for (const [k, at] of points.entries()) {
    const [u, v, depth] = look(positions[at]!, positions[at + 1]!, positions[at + 2]!);
    left = Math.min(left, u);
    right = Math.max(right, u);
    below = Math.min(below, v);
    above = Math.max(above, v);
    depths[k] = depth;
  }
  depths.sort();
  return { points, size: (right - left) * (above - below), depth: depths[depths.length >> 1]! };
}

/** Of clusters without an area (single points, thin poles) the one with most points. */
function largest(positions: Float32Array, clusters: readonly number[][], look: Look): readonly number[] {
  const seen = clusters.map((points) => apparent(positions, points, look));
  return seen.reduce((best, next) => {
    const more = next.size - best.size || next.points.length - best.points.length;
    return more > 0 ? next : best;
  }).points;
}

function nearest(positions: Float32Array, clusters: readonly number[][], look: Look): readonly number[] {
  const seen = clusters.map((points) => apparent(positions, points, look));
  const most = Math.max(...seen.map(({ size }) => size));
  return seen
    .filter(({ size }) => size >= MUCH * most)
    .reduce((best, next) => (next.depth < best.depth ? next : best)).points;
}

/** The point nearest to the middle of the others, the middle being that of their bounds from above and their median height. */
function amid(positions: Float32Array, points: readonly number[]): Vec3 {
  const middle = (axis: number) => {
    const values = Float64Array.from(points, (at) => positions[at + axis]!).sort();
    return values[values.length >> 1]!;
  };
  const [x, y, z] = [middle(0), middle(1), middle(2)];
  let best = points[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const at of points) {
    const distance =
      (positions[at]! - x) ** 2 + (positions[at + 1]! - y) ** 2 + (positions[at + 2]! - z) ** 2;
    if (distance >= least) continue;
    least = distance;
    best = at;
  }
  return [positions[best]!, positions[best + 1]!, positions[best + 2]!];
}

function boxRound(positions: Float32Array, points: readonly number[]): Box {
  const { center, length, width, yaw } = smallestRectangle(
    points.map((at): Vec2 => [positions[at]!, positions[at + 1]!]),
  );
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const at of points) {
    low = Math.min(low, positions[at + 2]!);
    high = Math.max(high, positions[at + 2]!);
  }
  // The ground band was cut off below.
  low -= GROUND_BAND;
  const side = (value: number) => Math.max(LEAST_SIDE, value);
  return {
    center: [center[0], center[1], (low + high) / 2],
    size: [side(length), side(width), side(high - low)],
    yaw,
  };
}
