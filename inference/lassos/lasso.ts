/**
 * Finds the object of a lasso. People draw it loosely, so it contains ground and parts of neighbours. The
 * ground is removed, the rest is clustered seen from above, and the largest cluster wins; on the screen, the
 * nearest of those with much of its apparent size.
 */
import type { Box, Vec2, Vec3 } from '../boxes/index.ts';
import { smallestRectangle } from '../boxes/index.ts';

/** The object of a lasso, in the coordinates of the given points. */
export interface LassoTarget {
  /** A point in the middle of the object. */
  readonly click: Vec3;
  /** A box round the object's points. */
  readonly around: Box;
}

/** Projects a point to the plane of the lasso, with its depth behind it. */
export type LassoProjection = (
  x: number,
  y: number,
  z: number,
) => readonly [u: number, v: number, depth: number];

/** Of more points, every n-th is used. */
const MOST_POINTS = 8_000;
/** The lowest point is found in cells of this size and their neighbours, metres. */
const GROUND_CELL_METRES = 1.5;
/** Points up to this height over the lowest near them count as ground, metres. */
const GROUND_BAND_METRES = 0.25;
/** Points higher than this are branches or wires over the object, metres. */
const CEILING_METRES = 4.5;
/** Points in touching cells of this size belong to one cluster, metres. */
const CLUSTER_CELL_METRES = 0.4;
/** On the screen, the nearest cluster with at least this share of the largest apparent size wins. */
const MIN_APPARENT_SHARE = 0.4;
/** Least side of a box, metres. */
const MIN_SIDE_METRES = 0.3;

/**
 * The object of a lasso.
 * @param positions x, y, z interleaved; values that are not finite are passed over
 * @param project null: seen from above, without depth
 * @returns null if there is no finite point
 */
export function findInLasso(
  positions: Float32Array,
  count: number,
  project: LassoProjection | null,
): LassoTarget | null {
  const all = thinned(positions, count);
  if (all.length === 0) return null;
  const standing = withoutGround(positions, all);
  const clusters = clustered(positions, standing.length > 0 ? standing : all);
  const chosen =
    project === null ? largest(positions, clusters, ABOVE) : nearest(positions, clusters, project);
  return { click: amid(positions, chosen), around: boxRound(positions, chosen) };
}

const ABOVE: LassoProjection = (x, y) => [x, y, 0];

/** Offsets of finite points, at most MOST_POINTS of them. */
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
  const cell = (v: number) => Math.floor(v / GROUND_CELL_METRES);
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
    return over >= GROUND_BAND_METRES && over <= CEILING_METRES;
  });
}

/** Clusters of points whose cells touch, corners included, seen from above. */
function clustered(positions: Float32Array, points: readonly number[]): number[][] {
  const cells = new Map<number, { i: number; j: number; points: number[]; isTaken: boolean }>();
  for (const at of points) {
    const i = Math.floor(positions[at]! / CLUSTER_CELL_METRES);
    const j = Math.floor(positions[at + 1]! / CLUSTER_CELL_METRES);
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

/** Apparent size of a cluster (area of its bounds in the plane of the lasso), and its median depth. */
function apparent(positions: Float32Array, points: readonly number[], project: LassoProjection): Apparent {
  let [left, below, right, above] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  const depths = new Float64Array(points.length);
  for (const [k, at] of points.entries()) {
    const [u, v, depth] = project(positions[at]!, positions[at + 1]!, positions[at + 2]!);
    left = Math.min(left, u);
    right = Math.max(right, u);
    below = Math.min(below, v);
    above = Math.max(above, v);
    depths[k] = depth;
  }
  depths.sort();
  return { points, size: (right - left) * (above - below), depth: depths[depths.length >> 1]! };
}

/** Of clusters without area (single points, thin poles), the one with the most points wins. */
function largest(
  positions: Float32Array,
  clusters: readonly number[][],
  project: LassoProjection,
): readonly number[] {
  const seen = clusters.map((points) => apparent(positions, points, project));
  return seen.reduce((best, next) => {
    const more = next.size - best.size || next.points.length - best.points.length;
    return more > 0 ? next : best;
  }).points;
}

function nearest(
  positions: Float32Array,
  clusters: readonly number[][],
  project: LassoProjection,
): readonly number[] {
  const seen = clusters.map((points) => apparent(positions, points, project));
  const most = Math.max(...seen.map(({ size }) => size));
  return seen
    .filter(({ size }) => size >= MIN_APPARENT_SHARE * most)
    .reduce((best, next) => (next.depth < best.depth ? next : best)).points;
}

/** The point nearest to the middle: that of the bounds from above, at the median height. */
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
  low -= GROUND_BAND_METRES;
  const side = (value: number) => Math.max(MIN_SIDE_METRES, value);
  return {
    center: [center[0], center[1], (low + high) / 2],
    size: [side(length), side(width), side(high - low)],
    yaw,
  };
}
