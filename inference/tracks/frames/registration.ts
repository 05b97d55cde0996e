/**
 * Registration of an object's points with those of its keyframe. The network draws the same car slightly
 * differently from every side, but its points stay in their places on the car.
 */
import type { Vec2 } from '../../boxes/index.ts';
import type { Shape } from './shape.ts';
import { type Surface, surfaceOf } from './surface.ts';

/** Largest distance of a partner in the first and in the last round, metres. */
const REACH = { first: 0.6, last: 0.25, decay: 0.75 };
const ROUNDS = { least: 5, most: 12 };
/** The rounds end when a shift is smaller than this, metres. */
const SETTLED_METRES = 0.001;
/** Registration needs at least so many partners. */
const LEAST_PARTNERS = 10;
/** Distance at which a pair counts half: Cauchy's weight, metres. */
const HALF_WEIGHT_METRES = 0.1;
/** Weight of a pair's distance in every direction, beside that along the normal. */
const POINT_WEIGHT = 0.05;
/** Weight of the start, in pairs: where the surfaces do not tell the place, the points stay. */
const START_WEIGHT = 1;

/** Registration of points with those of the keyframe. */
export interface Registration {
  /** Shift of the points, along and across the box, that aligns them; metres. The box moves the other way. */
  readonly move: Vec2;
  /** How many pairs tell the shift along and across: those whose surfaces face this way. */
  readonly weight: Vec2;
  /** Fraction of the points that have a partner after the shift. */
  readonly overlap: number;
  readonly partners: number;
}

/**
 * Point-to-line registration, translation only, seen from above, of points at the same height. A pair counts
 * along the normal of the keyframe's surface, so that a car's side, whose points slide along it, says nothing
 * of the place along the heading. null if too few points have partners.
 */
export function register(points: Shape, reference: Shape): Registration | null {
  const surface = surfaceOf(reference);
  let move: Vec2 = [0, 0];
  for (let round = 1; ; round++) {
    const reach = Math.max(REACH.last, REACH.first * REACH.decay ** (round - 1));
    const found = roundOf(points, surface, move, reach);
    if (found === null) return null;
    const { by, weight, partners } = found;
    move = [move[0] + by[0], move[1] + by[1]];
    const isSettled = round >= ROUNDS.least && Math.abs(by[0]) + Math.abs(by[1]) < SETTLED_METRES;
    if (isSettled || round === ROUNDS.most)
      return { move, weight, overlap: partners / (points.length / 3), partners };
  }
}

interface RegistrationRound {
  readonly by: Vec2;
  readonly weight: Vec2;
  readonly partners: number;
}

/** One round of weighted least squares: pairs, their distances along the normals, and the shift they ask for. */
function roundOf(points: Shape, surface: Surface, [mx, my]: Vec2, reach: number): RegistrationRound | null {
  const { points: shape, normals } = surface;
  let [xx, xy, yy, rx, ry, partners] = [0, 0, 0, -START_WEIGHT * mx, -START_WEIGHT * my, 0];
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]! + mx, points[i + 1]! + my, points[i + 2]!];
    const j = surface.nearest(x, y, z, reach);
    if (j < 0) continue;
    partners++;
    const [ex, ey, ez] = [shape[j]! - x, shape[j + 1]! - y, shape[j + 2]! - z];
    const [nx, ny] = [normals[j]!, normals[j + 1]!];
    const off = nx * ex + ny * ey;
    const line = normals[j + 2]! * cauchy(off * off);
    const point = POINT_WEIGHT * cauchy(ex * ex + ey * ey + ez * ez);
    xx += line * nx * nx + point;
    xy += line * nx * ny;
    yy += line * ny * ny + point;
    rx += line * nx * off + point * ex;
    ry += line * ny * off + point * ey;
  }
  if (partners < LEAST_PARTNERS) return null;
  const weight: Vec2 = [xx, yy];
  xx += START_WEIGHT;
  yy += START_WEIGHT;
  const det = xx * yy - xy * xy;
  return { by: [(yy * rx - xy * ry) / det, (xx * ry - xy * rx) / det], weight, partners };
}

function cauchy(squaredMetres: number): number {
  return 1 / (1 + squaredMetres / HALF_WEIGHT_METRES ** 2);
}

/** A registration that shows the object in its place: most points have a partner, hardly shifted. */
const IN_PLACE = { overlap: 0.6, partners: 20, metres: 0.12 };

/** Whether the points show the keyframe's object in the place where it is expected. */
export function isInPlace(registration: Registration | null): boolean {
  if (registration === null) return false;
  const { move, overlap, partners } = registration;
  return (
    overlap >= IN_PLACE.overlap && partners >= IN_PLACE.partners && Math.hypot(...move) <= IN_PLACE.metres
  );
}

/**
 * The points tell a shift along an axis if this fraction of the pairs does. A car's side has partners
 * wherever the car slides to along it.
 */
const TELLING_SHARE = 0.1;

/** Whether the points show the object in its place, and would show a shift of it in either direction. */
export function isSurelyInPlace(registration: Registration | null): boolean {
  if (registration === null || !isInPlace(registration)) return false;
  const { weight, partners } = registration;
  return Math.min(...weight) >= TELLING_SHARE * partners;
}
