/** A rough score of the geometric fit. */
import type { Hypothesis } from './hypotheses.ts';

/**
 * A rule of thumb for the 3D IoU to expect, 0..1. A fit to a well seen object of usual size reaches about
 * .65, as in published trials; few points, points left out, edges without points and rays through the body
 * each lower it.
 */
export function roughExpectedIou(hypothesis: Hypothesis): number {
  const { inside, ring, left, bare, pierced } = hypothesis;
  if (inside === 0) return 0.05;
  const seen = inside / (inside + 15);
  const whole = 1 - Math.max(ring / (inside + ring), left / (inside + left));
  const score =
    0.7 * (0.4 + 0.6 * seen) * (0.3 + 0.7 * whole) * (1 - 0.4 * bare) * (1 - Math.min(0.8, pierced));
  return Math.max(0.05, Math.min(0.7, score));
}
