/** An upright cuboid: length along the heading, width across it, height; turned by `yaw` about +z. */
import type { Bounds, Vec3 } from '../geometry/index.ts';
import { outward, roundingMargin } from '../geometry/index.ts';
import { alreadyPrepared, type PointSet } from './point-set.ts';
import { type Solid, scanSolid } from './scan/index.ts';

/**
 * A sine or cosine below this comes from a rounded quarter turn. It is set to 0, so that points on the border
 * stay on it.
 */
const QUARTER_TURN_ROUNDING = 1e-15;

export function cuboidPoints(center: Vec3, size: Vec3, yaw: number): PointSet {
  const [cx, cy, cz] = center;
  const [cos, sin] = direction(yaw);
  const halfLength = size[0] / 2;
  const halfWidth = size[1] / 2;
  const halfHeight = size[2] / 2;
  const reachX = Math.abs(cos) * halfLength + Math.abs(sin) * halfWidth;
  const reachY = Math.abs(sin) * halfLength + Math.abs(cos) * halfWidth;
  // A generous bound on the rounding error of the rotation into the cuboid's frame.
  const margin = roundingMargin(reachX + reachY) * 4 + roundingMargin(Math.abs(cx) + Math.abs(cy));

  const along = (dx: number, dy: number) => dx * cos + dy * sin;
  const across = (dx: number, dy: number) => dy * cos - dx * sin;
  /** The range of a box's corners along one of the cuboid's axes. */
  const range = ({ min, max }: Bounds, axis: typeof along): Range => {
    const a = axis(min[0] - cx, min[1] - cy);
    const b = axis(max[0] - cx, min[1] - cy);
    const c = axis(min[0] - cx, max[1] - cy);
    const d = axis(max[0] - cx, max[1] - cy);
    return [Math.min(a, b, c, d), Math.max(a, b, c, d)];
  };

  const solid: Solid = { kind: 'cuboid', center, numbers: [cos, sin, halfLength, halfWidth, halfHeight] };

  return {
    bounds: outward({
      min: [cx - reachX - margin, cy - reachY - margin, cz - halfHeight],
      max: [cx + reachX + margin, cy + reachY + margin, cz + halfHeight],
    }),
    testCost: 1,
    prepare: alreadyPrepared,
    contains(x, y, z) {
      const dx = x - cx;
      const dy = y - cy;
      return (
        Math.abs(z - cz) <= halfHeight &&
        Math.abs(dx * cos + dy * sin) <= halfLength &&
        Math.abs(dy * cos - dx * sin) <= halfWidth
      );
    },
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
        end +=
          Number(Math.abs(dz) <= halfHeight) &
          Number(Math.abs(dx * cos + dy * sin) <= halfLength) &
          Number(Math.abs(dy * cos - dx * sin) <= halfWidth);
      }
      return end - at;
    },
    // Separating axis test: along the axes of the box, then along the cuboid's own.
    meets: (box) =>
      overlaps([box.min[0] - cx, box.max[0] - cx], reachX + margin) &&
      overlaps([box.min[1] - cy, box.max[1] - cy], reachY + margin) &&
      overlaps([box.min[2] - cz, box.max[2] - cz], halfHeight) &&
      overlaps(range(box, along), halfLength + margin) &&
      overlaps(range(box, across), halfWidth + margin),
    holds: (box) =>
      box.min[2] - cz >= -halfHeight &&
      box.max[2] - cz <= halfHeight &&
      isWithin(range(box, along), halfLength - margin) &&
      isWithin(range(box, across), halfWidth - margin),
  };
}

/** Cosine and sine of any finite angle, exact at quarter turns. */
function direction(yaw: number): readonly [number, number] {
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  if (Math.abs(cos) < QUARTER_TURN_ROUNDING) return [0, Math.sign(sin)];
  if (Math.abs(sin) < QUARTER_TURN_ROUNDING) return [Math.sign(cos), 0];
  return [cos, sin];
}

type Range = readonly [number, number];

function overlaps([low, high]: Range, half: number): boolean {
  return low <= half && high >= -half;
}

function isWithin([low, high]: Range, half: number): boolean {
  return low >= -half && high <= half;
}
