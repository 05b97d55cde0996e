import type { Vec3 } from '../../../../inference/boxes/index.ts';
import type { Bounds } from '../../../../octree/geometry/index.ts';

/** Bounds of a box however it is turned, grown by `margin` metres. */
export function boundsOf(
  { center, size }: { readonly center: Vec3; readonly size: Vec3 },
  margin = 0,
): Bounds {
  const reach = Math.hypot(size[0], size[1]) / 2 + margin;
  const high = size[2] / 2 + margin;
  return {
    min: [center[0] - reach, center[1] - reach, center[2] - high],
    max: [center[0] + reach, center[1] + reach, center[2] + high],
  };
}
