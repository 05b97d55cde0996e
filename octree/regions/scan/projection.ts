/**
 * A projection onto a plane, prepared for the scanner: for the integers of one node, in float32, with bounds
 * for the rounding errors.
 */
import type { Vec3 } from '../../geometry/index.ts';
import { roundingMargin } from '../../geometry/index.ts';
import type { NodeColumns } from '../point-set.ts';
import { CELLS, MAX_PLACE_ERROR, type RingGrid } from '../ring-grid.ts';

/** An affine function of a point: a * x + b * y + c * z + d. */
export type AffineRow = readonly [a: number, b: number, c: number, d: number];

/** The projection of points onto the plane of a ring, in the cloud's coordinates. All numbers are finite. */
export interface Projection {
  /** A point is projected to (across / w, up / w). Points with w <= 0 are outside. null: w is 1. */
  readonly across: AffineRow;
  readonly up: AffineRow;
  readonly w: AffineRow | null;
  readonly limits: readonly [near: Limit, far: Limit] | null;
}

/**
 * Points with a negative sum of both rows are outside. Two rows, because the rounding error depends on their
 * sizes, not on that of the sum.
 */
export type Limit = readonly [AffineRow, AffineRow];

/** The same for the integers of one node minus `origin`: the numbers that scan.c takes. */
export interface NodeProjection {
  readonly origin: Vec3;
  /** In cells of the grid; 0 is the middle of the first cell. */
  readonly across: AffineRow;
  readonly up: AffineRow;
  readonly w: AffineRow;
  readonly isFlat: boolean;
  readonly limits: readonly [near: AffineRow, far: AffineRow] | null;
  readonly wOut: number;
  readonly wUnsure: number;
  readonly limitErrors: readonly [near: number, far: number];
}

/**
 * Rounding error of a row in float32, relative to the sum of the sizes of its terms. Conversions, products
 * and two sums are rounded: 5 * 2^-24 together.
 */
const SINGLE_ERROR = 2 ** -21;
/**
 * The same for float64, for the rows made here and for the exact test, relative to the sizes in the cloud's
 * coordinates.
 */
const DOUBLE_ERROR = 2 ** -48;
/** Rounding error of a quotient (a reciprocal and a product), in cells. */
const QUOTIENT_ERROR = CELLS * 2 ** -22;
/**
 * If points up to this share of the largest w would need the exact test anyway, scanning does not pay off.
 */
const MOST_UNSURE = 1 / 4;
/** Largest difference between an integer and the middle of the node: it must fit into 32 bits. */
const MAX_REACH = 2 ** 30;

/**
 * A row for the integers of a node: the largest sum of its terms, and the largest rounding error of row and
 * exact test.
 */
interface Measured {
  readonly row: AffineRow;
  readonly size: number;
  readonly error: number;
}

/** null if float32 is not precise enough, or the node has no bounds. */
export function projectNode(
  { across, up, w, limits }: Projection,
  grid: RingGrid,
  { bounds, scale, offset }: NodeColumns,
): NodeProjection | null {
  if (bounds === null || !grid.hasClearBorder) return null;
  const origin = eachAxis((axis) =>
    Math.round(((bounds.min[axis] + bounds.max[axis]) / 2 - offset[axis]) / scale[axis]),
  );
  const far = eachAxis((axis) =>
    Math.max(Math.abs(bounds.min[axis]), Math.abs(bounds.max[axis]), Math.abs(offset[axis])),
  );
  // With a margin for the rounding of the bounds.
  const reach = eachAxis(
    (axis) =>
      Math.abs((bounds.max[axis] - bounds.min[axis]) / scale[axis]) / 2 +
      Math.abs(roundingMargin(far[axis]) / scale[axis]) +
      2,
  );
  if (!origin.every((value) => Math.abs(value) < MAX_REACH) || !reach.every((value) => value < MAX_REACH))
    return null;

  const measure = ([a, b, c, d]: AffineRow): Measured => {
    const row: AffineRow = [
      a * scale[0],
      b * scale[1],
      c * scale[2],
      a * (origin[0] * scale[0] + offset[0]) +
        b * (origin[1] * scale[1] + offset[1]) +
        c * (origin[2] * scale[2] + offset[2]) +
        d,
    ];
    const size = sizeOf(row, reach);
    return { row, size, error: size * SINGLE_ERROR + sizeOf([a, b, c, d], far) * DOUBLE_ERROR };
  };

  const depth = w ?? ([0, 0, 0, 1] as const);
  const weight = measure(depth);
  // Scaling does not change the position. Values near 1 neither overflow nor underflow in float32.
  const inCells = (row: AffineRow, start: number, perMetre: number) => {
    const folded = row.map((value, i) => (value - start * depth[i]!) * perMetre) as unknown as AffineRow;
    const { row: cells, size, error } = measure(folded);
    const lost = (sizeOf(row, far) + Math.abs(start) * sizeOf(depth, far)) * perMetre * DOUBLE_ERROR;
    return { row: divided(cells, weight.size), size, error: (error + lost) / weight.size };
  };
  const column = inCells(across, grid.x0 + 0.5 / grid.cellsPerX, grid.cellsPerX);
  const line = inCells(up, grid.y0 + 0.5 / grid.cellsPerY, grid.cellsPerY);
  const weightError = weight.error / weight.size;
  const placeError = Math.max(column.error, line.error) + CELLS * weightError;
  const wUnsure = w === null ? 0 : placeError / (MAX_PLACE_ERROR - QUOTIENT_ERROR);
  const isEnough = w === null ? placeError <= MAX_PLACE_ERROR : wUnsure <= MOST_UNSURE;
  const isSmall = Math.max(column.size, line.size) / weight.size < 2 ** 60;
  // The negation also rejects NaN.
  if (!(isEnough && isSmall && isOrdinary(weight.size))) return null;

  const sides = limits?.map(([first, second]) => {
    const sum = first.map((value, i) => value + second[i]!) as unknown as AffineRow;
    const { row, size, error } = measure(sum);
    const lost = (sizeOf(first, far) + sizeOf(second, far)) * DOUBLE_ERROR;
    return { row: divided(row, size), error: (error + lost) / size, least: least(row, reach) / size, size };
  });
  if (sides?.some(({ error, size }) => !(error < 1 && isOrdinary(size)))) return null;
  // In most nodes every point lies between the limits, and the scan need not test them.
  const isBetween = sides?.every(({ least, error }) => least > 2 * error) ?? true;
  return {
    origin,
    across: column.row,
    up: line.row,
    w: divided(weight.row, weight.size),
    isFlat: w === null,
    limits: isBetween ? null : [sides![0]!.row, sides![1]!.row],
    wOut: -weightError,
    wUnsure: wUnsure * (1 + 2 ** -20),
    limitErrors: isBetween ? [0, 0] : [sides![0]!.error, sides![1]!.error],
  };
}

/** True if the value is far from overflow and underflow in float64. */
function isOrdinary(size: number): boolean {
  return size > 2 ** -800 && size < 2 ** 800;
}

function eachAxis(value: (axis: 0 | 1 | 2) => number): Vec3 {
  return [value(0), value(1), value(2)];
}

/** The largest sum of the absolute terms, for integers up to `reach`. */
function sizeOf([a, b, c, d]: AffineRow, [x, y, z]: Vec3): number {
  return Math.abs(a) * x + Math.abs(b) * y + Math.abs(c) * z + Math.abs(d);
}

/** The smallest value for integers up to `reach`. */
function least([a, b, c, d]: AffineRow, [x, y, z]: Vec3): number {
  return d - Math.abs(a) * x - Math.abs(b) * y - Math.abs(c) * z;
}

function divided([a, b, c, d]: AffineRow, by: number): AffineRow {
  return [a / by, b / by, c / by, d / by];
}
