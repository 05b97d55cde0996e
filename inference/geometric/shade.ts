/** What stands in the light: for each direction from the scanner, how far the nearest obstacle is. */
import type { Vec2 } from '../boxes/index.ts';
import type { Obstacles } from './scene.ts';

/** Directions over a full turn: 0.4 degrees each, twice the spacing of a common scanner's points. */
const DIRECTIONS = 900;
/** Obstacles lower or higher than this hide no car's side, metres over the ground. */
const LOW = 0.4;
const HIGH = 1.6;
/** Nearer by this much is in front, metres. */
const IN_FRONT = 0.4;

export interface Shade {
  readonly eye: Vec2;
  readonly nearest: Float64Array;
}

export function shadeOf(obstacles: Obstacles, eye: Vec2): Shade {
  const nearest = new Float64Array(DIRECTIONS).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < obstacles.count; i++) {
    if (obstacles.height[i]! < LOW || obstacles.height[i]! > HIGH) continue;
    const dx = obstacles.x[i]! - eye[0];
    const dy = obstacles.y[i]! - eye[1];
    const k = directionOf(dx, dy);
    nearest[k] = Math.min(nearest[k]!, Math.sqrt(dx * dx + dy * dy));
  }
  return { eye, nearest };
}

/** True if something hides the place from the scanner. */
export function isHidden(shade: Shade, x: number, y: number): boolean {
  const dx = x - shade.eye[0];
  const dy = y - shade.eye[1];
  return shade.nearest[directionOf(dx, dy)]! < Math.sqrt(dx * dx + dy * dy) - IN_FRONT;
}

function directionOf(dx: number, dy: number): number {
  return Math.floor((Math.atan2(dy, dx) / (2 * Math.PI) + 0.5) * DIRECTIONS) % DIRECTIONS;
}
