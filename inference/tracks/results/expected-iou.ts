import type { Vec3 } from '../../boxes/index.ts';

/** Uncertainty that remains even with the best measurements: standard deviation of a face's place, metres. */
const LEAST_SIGMA = 0.05;

/**
 * The 3D IoU to expect of a box of the right size whose centre is off by these standard deviations: two equal
 * boxes shifted against each other by the mean shift along every axis.
 */
export function iouOfDeviations(size: Vec3, sigma: Vec3): number {
  let shared = 1;
  for (let axis = 0; axis < 3; axis++) {
    const shift = Math.sqrt(2 / Math.PI) * Math.hypot(sigma[axis]!, LEAST_SIGMA);
    shared *= Math.max(0, 1 - shift / size[axis]!);
  }
  return shared / (2 - shared);
}
