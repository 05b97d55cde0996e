/**
 * A lasso on the screen: the points that a view projects into a ring. Clip coordinates are `viewProjection *
 * (x, y, z, 1)`. A point is visible if w > 0 and -w <= z <= w (OpenGL's clip volume); its position on the
 * screen is (x / w, y / w).
 */
import type { Bounds } from '../geometry/index.ts';
import type { Corner } from './corner.ts';
import type { PointSet } from './point-set.ts';
import { Ring, ringTestCost } from './ring.ts';
import { type Projection, scanRing } from './scan/index.ts';

/** Clip coordinates x, y, z, w. */
type Clip = readonly [number, number, number, number];

/**
 * Factor on the rounding error of one clip coordinate; covers the errors of point, corner and division
 * together.
 */
const CLEARANCE = 16;

/** The 12 edges of a box, as pairs of corner numbers (bit 0 is x, bit 1 is y, bit 2 is z). */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) =>
  [1, 2, 4].filter((bit) => (corner & bit) === 0).map((bit) => [corner, corner | bit] as const),
);

/** `m` are 16 finite numbers, column-major, world to clip. */
export function frustumPoints(m: readonly number[], corners: readonly Corner[]): PointSet {
  const ring = new Ring(corners);
  const [xx, yx, zx, wx, xy, yy, zy, wy, xz, yz, zz, wz, x1, y1, z1, w1] = m as unknown as Matrix;

  const project = (x: number, y: number, z: number): Clip => [
    xx * x + xy * y + xz * z + x1,
    yx * x + yy * y + yz * z + y1,
    zx * x + zy * y + zz * z + z1,
    wx * x + wy * y + wz * z + w1,
  ];

  const containsBy = (test: Pick<Ring, 'contains'>) => (x: number, y: number, z: number) => {
    const cw = wx * x + wy * y + wz * z + w1;
    const cz = zx * x + zy * y + zz * z + z1;
    if (!(cw > 0 && cz >= -cw && cz <= cw)) return false;
    return test.contains((xx * x + xy * y + xz * z + x1) / cw, (yx * x + yy * y + yz * z + y1) / cw);
  };
  const contains = containsBy(ring);

  const projection: Projection = {
    across: [xx, xy, xz, x1],
    up: [yx, yy, yz, y1],
    w: [wx, wy, wz, w1],
    limits: [
      [
        [zx, zy, zz, z1],
        [wx, wy, wz, w1],
      ],
      [
        [-zx, -zy, -zz, -z1],
        [wx, wy, wz, w1],
      ],
    ],
  };

  /** An upper bound for the rounding error of any clip coordinate of any point in the box. */
  const roundingIn = ({ min, max }: Bounds) => {
    const far = (axis: 0 | 1 | 2) => Math.max(Math.abs(min[axis]), Math.abs(max[axis]));
    const [x, y, z] = [far(0), far(1), far(2)];
    const size = (a: number, b: number, c: number, d: number) =>
      Math.abs(a) * x + Math.abs(b) * y + Math.abs(c) * z + Math.abs(d);
    const largest = Math.max(
      size(xx, xy, xz, x1),
      size(yx, yy, yz, y1),
      size(zx, zy, zz, z1),
      size(wx, wy, wz, w1),
    );
    return largest * 2 ** -50;
  };

  const cornersOf = ({ min, max }: Bounds) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
      project(i & 1 ? max[0] : min[0], i & 2 ? max[1] : min[1], i & 4 ? max[2] : min[2]),
    );

  return {
    // Bounds would need the inverse of the matrix. `meets` rejects as quickly.
    bounds: {
      min: [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      max: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    },
    testCost: ringTestCost(corners.length),
    prepare: (tests) => ring.prepare(tests),
    contains,
    filter(points, out, at, from = 0, to = points.count) {
      const { x, y, z, scale, offset } = points;
      const grid = ring.gridFor(to - from);
      if (grid !== null) {
        const found = scanRing(points, projection, grid, containsBy(grid), out, at, from, to);
        if (found !== null) return found;
      }
      const [sx, sy, sz] = scale;
      const [ox, oy, oz] = offset;
      const [left, below] = ring.min;
      const [right, above] = ring.max;
      let candidates = at;
      for (let i = from; i < to; i++) {
        const px = x[i]! * sx + ox;
        const py = y[i]! * sy + oy;
        const pz = z[i]! * sz + oz;
        const w = wx * px + wy * py + wz * pz + w1;
        const depth = zx * px + zy * py + zz * pz + z1;
        const across = (xx * px + xy * py + xz * pz + x1) / w;
        const up = (yx * px + yy * py + yz * pz + y1) / w;
        out[candidates] = i;
        candidates +=
          Number(w > 0) &
          Number(depth >= -w) &
          Number(depth <= w) &
          Number(across >= left) &
          Number(across <= right) &
          Number(up >= below) &
          Number(up <= above);
      }
      const test = grid ?? ring;
      let end = at;
      for (let k = at; k < candidates; k++) {
        const i = out[k]!;
        const px = x[i]! * sx + ox;
        const py = y[i]! * sy + oy;
        const pz = z[i]! * sz + oz;
        const w = wx * px + wy * py + wz * pz + w1;
        const across = (xx * px + xy * py + xz * pz + x1) / w;
        const up = (yx * px + yy * py + yz * pz + y1) / w;
        out[end] = i;
        end += Number(test.contains(across, up));
      }
      return end - at;
    },
    meets(box) {
      const rounding = CLEARANCE * roundingIn(box);
      const seen = inFrontOf(cornersOf(box), rounding);
      if (seen.length === 0 || seen.every(([, , z, w]) => z - w > rounding)) return false;
      const screen = onScreen(seen, rounding);
      // The projection of a box that reaches the eye is unbounded.
      if (screen === null) return true;
      return ring.touches(screen.places, screen.rounding) || ring.has(...screen.places[0]!);
    },
    holds(box) {
      const rounding = CLEARANCE * roundingIn(box);
      const all = cornersOf(box);
      const isInView = all.every(([, , z, w]) => z + w >= rounding && w - z >= rounding);
      const screen = isInView ? onScreen(all, rounding) : null;
      return (
        screen !== null && !ring.touches(screen.places, screen.rounding) && ring.has(...screen.places[0]!)
      );
    },
    nearness(box) {
      const all = cornersOf(box);
      const rounding = CLEARANCE * roundingIn(box);
      if (all.some(([, , z, w]) => z + w <= rounding || w <= rounding)) return -1;
      return Math.max(-1, Math.min(...all.map(([, , z, w]) => z / w)));
    },
  };
}

type Matrix = readonly [...Clip, ...Clip, ...Clip, ...Clip];

/** The corners of the part of a box that lies behind the near plane as seen from the eye (z >= -w). */
function inFrontOf(corners: readonly Clip[], rounding: number): Clip[] {
  const distance = ([, , z, w]: Clip) => z + w + rounding;
  const seen = corners.filter((corner) => distance(corner) >= 0);
  if (seen.length === corners.length) return seen;
  for (const [i, j] of EDGES) {
    const [a, b] = [corners[i]!, corners[j]!];
    const [da, db] = [distance(a), distance(b)];
    if (da >= 0 === db >= 0) continue;
    const t = da / (da - db);
    const along = (k: 0 | 1 | 2 | 3) => a[k] + t * (b[k] - a[k]);
    seen.push([along(0), along(1), along(2), along(3)]);
  }
  return seen;
}

/**
 * Positions of corners on the screen with their rounding error; null if a corner is not in front of the eye.
 */
function onScreen(
  corners: readonly Clip[],
  rounding: number,
): { readonly places: readonly Corner[]; readonly rounding: number } | null {
  const nearest = Math.min(...corners.map(([, , , w]) => w));
  if (nearest <= rounding) return null;
  const places = corners.map(([x, y, , w]) => [x / w, y / w] as const);
  const farthest = Math.max(...places.map(([x, y]) => Math.max(Math.abs(x), Math.abs(y))));
  return { places, rounding: (rounding / nearest) * (1 + farthest) };
}
