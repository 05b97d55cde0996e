/** An honest guess of how good the box is. */
import type { Hypothesis } from './hypotheses.ts';

/**
 * The expected 3D IoU with the true box, 0..1, by a rule of thumb: a fit to a well seen object of a usual size reaches about .65, as published trials of such
 * fits did; each of few points, left-out points, edges without points and light that went through takes its share.
 */
export function expectedIou(hypothesis: Hypothesis): number {
  const { inside, ring, left, bare, pierced } = hypothesis;
  if (inside === 0) return 0.05;
  const seen = inside / (inside + 15);
  const whole = 1 - Math.max(ring / (inside + ring), left / (inside + left));
  const score =
    0.7 * (0.4 + 0.6 * seen) * (0.3 + 0.7 * whole) * (1 - 0.4 * bare) * (1 - Math.min(0.8, pierced));
  return Math.max(0.05, Math.min(0.7, score));
}
