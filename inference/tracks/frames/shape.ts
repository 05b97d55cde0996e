/**
 * The object's own points in a keyframe, in the coordinates of its box, and their registration with the
 * points of another frame. The network draws the same car slightly differently from every side, but its
 * points stay in their places on the car.
 */
import { type Box, insideTest, toBoxFrame, type Vec2 } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';

/**
 * x, y, z interleaved: along the heading, to the left, up, from the centre of the box, metres. At most
 * `MOST_POINTS`.
 */
export type Shape = Float32Array;

/** More points do not improve the registration. */
const MOST_POINTS = 400;
/** Points this close to the floor of the box count as ground, metres. */
const FLOOR = 0.2;
/** Largest distance of a partner in the first and in the last round, metres. */
const REACH = { first: 0.6, last: 0.25 };
const ROUNDS = 8;
/** Registration needs at least so many partners. */
const LEAST_PARTNERS = 10;
/** Width of the cells of the search for partners, metres: at least the largest distance. */
const CELL = 0.6;

/**
 * The points in the box, in its coordinates, without those at its floor. Its sides are moved out by `margin`
 * metres.
 */
export function shapeOf({ positions, count }: Crop, box: Box, margin: number): Shape {
  const isInside = insideTest(box, margin);
  const found: number[] = [];
  for (let i = 0; i < 3 * count; i += 3) {
    const [x, y, z] = [positions[i]!, positions[i + 1]!, positions[i + 2]!];
    if (z > box.center[2] - box.size[2] / 2 + FLOOR && isInside(x, y, z)) found.push(i);
  }
  const kept = Math.min(found.length, MOST_POINTS);
  const shape = new Float32Array(3 * kept);
  for (let k = 0; k < kept; k++) {
    const i = found[Math.floor((k * found.length) / kept)]!;
    shape.set(toBoxFrame(box, [positions[i]!, positions[i + 1]!, positions[i + 2]!]), 3 * k);
  }
  return shape;
}

/** Registration of points with those of the keyframe. */
export interface Registration {
  /** Shift of the points, along and across the box, that aligns them; metres. The box moves the other way. */
  readonly move: Vec2;
  /** Fraction of the points that have a partner after the shift. */
  readonly overlap: number;
  readonly partners: number;
}

/**
 * Point-to-point registration with translation only, seen from above, of points at the same height. null if
 * too few points have partners.
 */
export function register(points: Shape, reference: Shape): Registration | null {
  const cells = cellsOfShapes.get(reference) ?? cellsOf(reference);
  cellsOfShapes.set(reference, cells);
  let [mx, my] = [0, 0];
  let found = { x: 0, y: 0, partners: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const reach = Math.max(REACH.last, REACH.first * 0.75 ** round);
    found = meanOffset(points, reference, cells, mx, my, reach);
    if (found.partners < LEAST_PARTNERS) return null;
    mx += found.x;
    my += found.y;
    if (Math.abs(found.x) + Math.abs(found.y) < 0.001 && round >= 4) break;
  }
  return { move: [mx, my], overlap: found.partners / (points.length / 3), partners: found.partners };
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

type Cells = ReadonlyMap<number, readonly number[]>;

/** A keyframe's shape is registered in many frames. */
const cellsOfShapes = new WeakMap<Shape, Cells>();

const cellKey = (x: number, y: number) => Math.floor(x / CELL) * 4096 + Math.floor(y / CELL);

function cellsOf(shape: Shape): Cells {
  const cells = new Map<number, number[]>();
  for (let i = 0; i < shape.length; i += 3) {
    const key = cellKey(shape[i]!, shape[i + 1]!);
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [i]);
    else cell.push(i);
  }
  return cells;
}

function meanOffset(
  points: Shape,
  reference: Shape,
  cells: Cells,
  mx: number,
  my: number,
  reach: number,
): { x: number; y: number; partners: number } {
  let [sumX, sumY, partners] = [0, 0, 0];
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i]! + mx;
    const y = points[i + 1]! + my;
    const z = points[i + 2]!;
    let least = reach * reach;
    let best = -1;
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const j of cells.get(cellKey(x + dx * CELL, y + dy * CELL)) ?? []) {
          const ex = reference[j]! - x;
          const ey = reference[j + 1]! - y;
          const ez = reference[j + 2]! - z;
          const distance = ex * ex + ey * ey + ez * ez;
          if (distance >= least) continue;
          least = distance;
          best = j;
        }
    if (best < 0) continue;
    sumX += reference[best]! - x;
    sumY += reference[best + 1]! - y;
    partners++;
  }
  return partners === 0 ? { x: 0, y: 0, partners } : { x: sumX / partners, y: sumY / partners, partners };
}
