/** Rings: a spinning scanner's beams draw circles on the ground, with nothing between them. */

/** Ground is looked at between these distances from the place, metres. */
const NEAR_M = 2;
const FAR_M = 40;
/** Width of a step of the logarithm of distance over the scanner's height: 0.4 % of the distance. */
const STEP = 0.004;
/** Steps between the nearest and the farthest distance, for scanners 0.5 to 8 m above the ground. */
const FIRST = Math.log(NEAR_M / 8);
const STEPS = Math.ceil((Math.log(FAR_M / 0.5) - FIRST) / STEP);
/** Counts are compared with their mean over this many steps. */
const SMOOTHING = 25;
/** Below this many points nothing can be said; from the second number on they count in full. */
const LEAST_POINTS = 200;
const ENOUGH_POINTS = 1000;

const counts = new Float64Array(STEPS);

/**
 * How sharply the ground points lie in circles round a place. 0: not at all, as points by chance do; some 0.3
 * by accident; 1 to 10 where a spinning scanner stood.
 *
 * It is the variance of the counts by distance, beyond that of chance, over the square of their running mean.
 * @param ground x, y, z interleaved, metres
 * @param height of the scanner, in the coordinates of the ground
 */
export function ringSharpness(ground: Float64Array, x: number, y: number, height: number): number {
  counts.fill(0);
  let points = 0;
  for (let i = 0; i < ground.length; i += 3) {
    const dx = ground[i]! - x;
    const dy = ground[i + 1]! - y;
    const below = height - ground[i + 2]!;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance < NEAR_M || distance > FAR_M || below < 0.5 || below > 8) continue;
    counts[Math.min(STEPS - 1, Math.floor((Math.log(distance / below) - FIRST) / STEP))]! += 1;
    points++;
  }
  if (points < LEAST_POINTS) return 0;
  const half = Math.floor(SMOOTHING / 2);
  let sum = 0;
  for (let k = 0; k < half; k++) sum += counts[k]!;
  let excess = 0;
  let squares = 0;
  for (let k = 0; k < STEPS; k++) {
    sum += (counts[k + half] ?? 0) - (counts[k - half - 1] ?? 0);
    const mean = sum / SMOOTHING;
    excess += (counts[k]! - mean) ** 2 - mean;
    squares += mean * mean;
  }
  return (excess / Math.max(squares, 1)) * Math.min(1, points / ENOUGH_POINTS);
}
