/** For each direction from the scanner, the distance to the nearest obstacle. */
import type { Vec2 } from '../boxes/index.ts';
import type { Obstacles } from './scene.ts';

/** Directions over a full turn: 0.4 degrees each, twice the spacing of a common scanner's points. */
const DIRECTIONS = 900;
/** Only obstacles between these heights over the ground hide the side of a car, metres. */
const MIN_HEIGHT_METRES = 0.4;
const MAX_HEIGHT_METRES = 1.6;
/** An obstacle hides a place if it is nearer by this much, metres. */
const IN_FRONT_METRES = 0.4;

export interface Shade {
  readonly eye: Vec2;
  readonly nearest: Float64Array;
}

export function shadeOf(obstacles: Obstacles, eye: Vec2): Shade {
  const nearest = new Float64Array(DIRECTIONS).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < obstacles.count; i++) {
    if (obstacles.height[i]! < MIN_HEIGHT_METRES || obstacles.height[i]! > MAX_HEIGHT_METRES) continue;
    const dx = obstacles.x[i]! - eye[0];
    const dy = obstacles.y[i]! - eye[1];
    const k = directionOf(dx, dy);
    nearest[k] = Math.min(nearest[k]!, Math.sqrt(dx * dx + dy * dy));
  }
  return { eye, nearest };
}

/** Whether an obstacle hides the place from the scanner. */
export function isHidden(shade: Shade, x: number, y: number): boolean {
  const dx = x - shade.eye[0];
  const dy = y - shade.eye[1];
  return shade.nearest[directionOf(dx, dy)]! < Math.sqrt(dx * dx + dy * dy) - IN_FRONT_METRES;
}

function directionOf(dx: number, dy: number): number {
  return Math.floor((Math.atan2(dy, dx) / (2 * Math.PI) + 0.5) * DIRECTIONS) % DIRECTIONS;
}
