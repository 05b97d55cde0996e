/** A lasso from above: even-odd inside of a ring in x and y, between two heights. The ring is closed implicitly. */
import type { Bounds } from './bounds.ts';
import type { PointSet } from './region.ts';
import { outward } from './rounding.ts';

type Corner = readonly [number, number];

export function polygonPoints(ring: readonly Corner[], low: number, high: number): PointSet {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const bounds: Bounds = {
    min: [Math.min(...xs), Math.min(...ys), low],
    max: [Math.max(...xs), Math.max(...ys), high],
  };

  const inRing = (x: number, y: number) => {
    let inside = false;
    let [ax, ay] = ring[ring.length - 1]!;
    for (const [bx, by] of ring) {
      // Positive to the left of the edge from a to b; differences to the point, so far-off origins do not matter.
      const side = (ax - x) * (by - y) - (bx - x) * (ay - y);
      const between =
        Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by);
      if (side === 0 && between) return true;
      if (ay > y !== by > y && side > 0 === by > ay) inside = !inside;
      ax = bx;
      ay = by;
    }
    return inside;
  };

  /** True if a stretch of the ring may pass through the rectangle (grown for rounding). */
  const ringTouches = (box: Bounds) => {
    const { min, max } = outward(box);
    let a = ring[ring.length - 1]!;
    for (const b of ring) {
      if (segmentTouches(a, b, min[0], min[1], max[0], max[1])) return true;
      a = b;
    }
    return false;
  };

  return {
    bounds: outward(bounds),
    contains: (x, y, z) => z >= low && z <= high && inRing(x, y),
    filter({ count, x, y, z, scale: [sx, sy, sz], offset: [ox, oy, oz] }, out, at) {
      const [left, below] = bounds.min;
      const [right, above] = bounds.max;
      let end = at;
      for (let i = 0; i < count; i++) {
        const px = x[i]! * sx + ox;
        const py = y[i]! * sy + oy;
        const pz = z[i]! * sz + oz;
        const near = px >= left && px <= right && py >= below && py <= above && pz >= low && pz <= high;
        if (near && inRing(px, py)) out[end++] = i;
      }
      return end - at;
    },
    meets: (box) => ringTouches(box) || inRing(box.min[0], box.min[1]),
    holds: (box) =>
      box.min[2] >= low && box.max[2] <= high && !ringTouches(box) && inRing(box.min[0], box.min[1]),
  };
}

/** Separating axes of a segment and a rectangle. True for a touch; may be true for a miss by rounding only. */
function segmentTouches(
  [ax, ay]: Corner,
  [bx, by]: Corner,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): boolean {
  if (Math.max(ax, bx) < x0 || Math.min(ax, bx) > x1 || Math.max(ay, by) < y0 || Math.min(ay, by) > y1)
    return false;
  const dx = bx - ax;
  const dy = by - ay;
  const sides = [
    dx * (y0 - ay) - dy * (x0 - ax),
    dx * (y0 - ay) - dy * (x1 - ax),
    dx * (y1 - ay) - dy * (x0 - ax),
    dx * (y1 - ay) - dy * (x1 - ax),
  ];
  const reach = Math.abs(dx) + Math.abs(dy) + Math.abs(x1 - x0) + Math.abs(y1 - y0);
  const rounding = reach * reach * 2 ** -48;
  return Math.min(...sides) <= rounding && Math.max(...sides) >= -rounding;
}
