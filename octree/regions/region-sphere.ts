/** A ball: the points at a distance of at most `radius` from `center`. */
import type { Bounds, Vec3 } from '../geometry/index.ts';
import { outward } from '../geometry/index.ts';
import { alreadyPrepared, type PointSet } from './point-set.ts';
import { type Solid, scanSolid } from './scan/index.ts';

export function spherePoints(center: Vec3, radius: number): PointSet {
  const [cx, cy, cz] = center;
  const limit = radius * radius;
  const contains = (x: number, y: number, z: number) => {
    const dx = x - cx;
    const dy = y - cy;
    const dz = z - cz;
    return dx * dx + dy * dy + dz * dz <= limit;
  };
  const solid: Solid = { kind: 'sphere', center, numbers: [limit] };
  return {
    bounds: outward({
      min: [cx - radius, cy - radius, cz - radius],
      max: [cx + radius, cy + radius, cz + radius],
    }),
    testCost: 1,
    prepare: alreadyPrepared,
    contains,
    filter(points, out, at, from = 0, to = points.count) {
      const found = scanSolid(points, solid, out, at, from, to);
      if (found !== null) return found;
      const { x, y, z } = points;
      const [sx, sy, sz] = points.scale;
      const [ox, oy, oz] = points.offset;
      let end = at;
      for (let i = from; i < to; i++) {
        const dx = x[i]! * sx + ox - cx;
        const dy = y[i]! * sy + oy - cy;
        const dz = z[i]! * sz + oz - cz;
        out[end] = i;
        end += Number(dx * dx + dy * dy + dz * dz <= limit);
      }
      return end - at;
    },
    // Rounded differences, products and sums are monotonic, so the nearest point of the box decides for the
    // whole box ...
    meets: ({ min, max }: Bounds) =>
      contains(nearest(cx, min[0], max[0]), nearest(cy, min[1], max[1]), nearest(cz, min[2], max[2])),
    // ... and here the farthest corner does.
    holds: ({ min, max }: Bounds) =>
      contains(farthest(cx, min[0], max[0]), farthest(cy, min[1], max[1]), farthest(cz, min[2], max[2])),
  };
}

function nearest(c: number, low: number, high: number): number {
  return Math.max(low, Math.min(c, high));
}

function farthest(c: number, low: number, high: number): number {
  return Math.abs(c - low) > Math.abs(high - c) ? low : high;
}
