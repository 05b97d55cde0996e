/** Doubts boxes whose size does not fit the sphere that was drawn around the object. */
import type { FitRequest } from '../fit/index.ts';
import type { Refined } from './refinement.ts';

/**
 * Usual ratio of a drawn sphere's radius to half the object's diagonal, and how far its logarithm may differ
 * without doubt.
 */
const SPHERE_RATIO = 1.07;
const SPHERE_LOG_TOLERANCE = 0.15;
/**
 * Subtracted from the score for each unit of log size ratio beyond the tolerance. From held-out simulation.
 */
const SIZE_DOUBT_WEIGHT = 0.6;

/**
 * For a sphere: how far the log ratio of its radius to the box's size is beyond the tolerance. 0 for other
 * hints.
 */
export function sizeDoubt({ box }: Refined, { hint, size }: FitRequest): number {
  if (hint.type !== 'sphere' || size !== null) return 0;
  const reach = Math.hypot(...box.size) / 2;
  return Math.max(0, Math.abs(Math.log((SPHERE_RATIO * reach) / hint.radius)) - SPHERE_LOG_TOLERANCE);
}

/** The box with the highest score after a penalty for sizes that do not fit the sphere. */
export function bestSized(found: readonly Refined[], request: FitRequest): Refined {
  const worth = (each: Refined) => each.score - SIZE_DOUBT_WEIGHT * sizeDoubt(each, request);
  return found.reduce((best, next) => (worth(next) > worth(best) ? next : best));
}
