/** Shadows: a scanner sees no ground behind what it cannot see over. */
import type { Terrain } from './terrain.ts';

/** Directions are told apart by this many sectors round the place. */
const SECTORS = 360;
/** What stands closer belongs to the scanner's own car, metres. */
const OWN_CAR_M = 1.5;
/** Ground counts as hidden from this far behind an obstacle's nearest point, metres. */
const BEHIND_M = 1;

const nearestObstacle = new Float64Array(SECTORS);

/**
 * The share of the ground points that a scanner at a place could not have seen, 0 to 1: they lie behind an
 * obstacle. Near 0 where the scanner stood (not 0: obstacles have gaps), and most points elsewhere.
 */
export function hiddenShare({ ground, obstacles }: Terrain, x: number, y: number): number {
  nearestObstacle.fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < obstacles.length; i += 2) {
    const dx = obstacles[i]! - x;
    const dy = obstacles[i + 1]! - y;
    const distance = Math.sqrt(dx * dx + dy * dy);
    if (distance < OWN_CAR_M) continue;
    const sector = sectorOf(dx, dy);
    if (distance < nearestObstacle[sector]!) nearestObstacle[sector] = distance;
  }
  let hidden = 0;
  for (let i = 0; i < ground.length; i += 3) {
    const dx = ground[i]! - x;
    const dy = ground[i + 1]! - y;
    if (Math.sqrt(dx * dx + dy * dy) > nearestObstacle[sectorOf(dx, dy)]! + BEHIND_M) hidden++;
  }
  return ground.length === 0 ? 1 : hidden / (ground.length / 3);
}

/** Sectors by the outline of a square instead of a circle: no trigonometry. */
function sectorOf(dx: number, dy: number): number {
  const length = Math.abs(dx) + Math.abs(dy);
  if (length === 0) return 0;
  const along = dx / length;
  const turn = dy >= 0 ? 1 - along : 3 + along;
  return Math.min(SECTORS - 1, Math.floor((turn / 4) * SECTORS));
}
