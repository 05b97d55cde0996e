/**
 * A lasso from above: the even-odd interior of a ring in x and y, between two heights. The ring is closed
 * implicitly.
 */
import { Bounds, outward } from '../geometry/index.ts';
import type { Corner } from './corner.ts';
import type { PointSet } from './point-set.ts';
import { Ring, ringTestCost } from './ring.ts';
import type { RingGrid } from './ring-grid.ts';
import { type Limit, type Projection, scanRing } from './scan/index.ts';

export function polygonPoints(corners: readonly Corner[], low: number, high: number): PointSet {
  const ring = new Ring(corners);
  const bounds: Bounds = { min: [...ring.min, low], max: [...ring.max, high] };

  /** True if the ring may pass through the rectangle, with a margin for rounding. */
  const ringTouches = (box: Bounds) => {
    const { min, max } = outward(box);
    const rectangle = [
      [min[0], min[1]],
      [max[0], min[1]],
      [min[0], max[1]],
      [max[0], max[1]],
    ] as const;
    return ring.touches(rectangle, 0);
  };

  const containsByGrid = (grid: RingGrid) => (x: number, y: number, z: number) =>
    z >= low && z <= high && grid.contains(x, y);

  const above = (limit: number): Limit => [
    [0, 0, 1, 0],
    [0, 0, 0, -limit],
  ];
  const below = (limit: number): Limit => [
    [0, 0, -1, 0],
    [0, 0, 0, limit],
  ];
  const projection: Projection = {
    across: [1, 0, 0, 0],
    up: [0, 1, 0, 0],
    w: null,
    limits: Number.isFinite(low) && Number.isFinite(high) ? [above(low), below(high)] : null,
  };

  const outer = outward(bounds);

  return {
    bounds: outer,
    testCost: ringTestCost(corners.length),
    prepare: (tests) => ring.prepare(tests),
    contains: (x, y, z) => z >= low && z <= high && ring.contains(x, y),
    filter(points, out, at, from = 0, to = points.count) {
      const { x, y, z, scale, offset } = points;
      const grid = ring.gridFor(to - from);
      if (grid !== null) {
        const found = scanRing(points, projection, grid, containsByGrid(grid), out, at, from, to);
        if (found !== null) return found;
      }
      const [sx, sy, sz] = scale;
      const [ox, oy, oz] = offset;
      const [left, below] = bounds.min;
      const [right, above] = bounds.max;
      let candidates = at;
      for (let i = from; i < to; i++) {
        const px = x[i]! * sx + ox;
        const py = y[i]! * sy + oy;
        const pz = z[i]! * sz + oz;
        out[candidates] = i;
        candidates +=
          Number(px >= left) &
          Number(px <= right) &
          Number(py >= below) &
          Number(py <= above) &
          Number(pz >= low) &
          Number(pz <= high);
      }
      let end = at;
      if (grid === null) {
        for (let k = at; k < candidates; k++) {
          const i = out[k]!;
          out[end] = i;
          end += Number(ring.contains(x[i]! * sx + ox, y[i]! * sy + oy));
        }
        return end - at;
      }
      // A table lookup drops the points in outside cells. Few of the others need an exact test.
      let remaining = at;
      for (let k = at; k < candidates; k++) {
        const i = out[k]!;
        out[remaining] = i;
        remaining += Number(grid.mayContain(x[i]! * sx + ox, y[i]! * sy + oy));
      }
      for (let k = at; k < remaining; k++) {
        const i = out[k]!;
        out[end] = i;
        end += Number(grid.containsNear(x[i]! * sx + ox, y[i]! * sy + oy));
      }
      return end - at;
    },
    meets: (box) => Bounds.intersect(outer, box) && (ringTouches(box) || ring.has(box.min[0], box.min[1])),
    holds: (box) =>
      box.min[2] >= low && box.max[2] <= high && !ringTouches(box) && ring.has(box.min[0], box.min[1]),
  };
}
