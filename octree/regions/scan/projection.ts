/** A plane onto which points are projected, made ready for the scanner: in a node's own integers and in float32, with what that may lose. */
import type { Vec3 } from '../../geometry/index.ts';
import { roundingMargin } from '../../geometry/index.ts';
import type { PointColumns } from '../point-set.ts';
import { CELLS, MAX_PLACE_ERROR, type RingGrid } from '../ring-grid.ts';

/** An affine function of a point: a * x + b * y + c * z + d. */
export type Row = readonly [a: number, b: number, c: number, d: number];

/** Where points are on the plane of a ring, in the cloud's coordinates. All numbers are finite. */
export interface Projection {
  /** The place of a point is across / w, up / w; a point whose w is not positive is out. null: w is 1. */
  readonly across: Row;
  readonly up: Row;
  readonly w: Row | null;
  readonly limits: readonly [near: Limit, far: Limit] | null;
}

/** Points for which the sum of both is negative are out. In two, because what rounding takes goes by their sizes, not by those of the sum. */
export type Limit = readonly [Row, Row];

/** The same for the points of one node: of their integers less `origin`. Numbers for scan.c. */
export interface NodeProjection {
  readonly origin: Vec3;
  /** In cells of the grid, from the middle of the first one on. */
  readonly across: Row;
  readonly up: Row;
  readonly w: Row;
  readonly isFlat: boolean;
  readonly limits: readonly [near: Row, far: Row] | null;
  readonly wOut: number;
  readonly wUnsure: number;
  readonly limitErrors: readonly [near: number, far: number];
}

/**
 * How much of the sum of its terms' sizes a row may lose in float32. It is rounded where an integer, a coefficient or the constant becomes a
 * float32, in each product and in two sums, which is 5 * 2^-24 in all.
 */
const SINGLE_ERROR = 2 ** -21;
/** The same for float64, in the rows as they are made here and in the exact test, of the sizes in the cloud's coordinates. */
const DOUBLE_ERROR = 2 ** -48;
/** Of a quotient, in cells: a reciprocal and a product. */
const QUOTIENT_ERROR = CELLS * 2 ** -22;
/** Of the greatest w in a node: where more than this share of the depth would have to be tested anyway, nothing is won. */
const MOST_UNSURE = 1 / 4;
/** Integers are told apart from the node's middle on; no difference may leave 32 bits. */
const MAX_REACH = 2 ** 30;

/** A row in a node's integers: its terms' greatest sizes there, and the most that it and the exact test may lose. */
interface Measured {
  readonly row: Row;
  readonly size: number;
  readonly error: number;
}

/** null where float32 is not enough, or the points are not integers. */
export function projectNode(
  { across, up, w, limits }: Projection,
  grid: RingGrid,
  { bounds, scale, offset }: PointColumns,
): NodeProjection | null {
  if (bounds === null || !grid.hasClearBorder) return null;
  const origin = eachAxis((axis) =>
    Math.round(((bounds.min[axis] + bounds.max[axis]) / 2 - offset[axis]) / scale[axis]),
  );
  const far = eachAxis((axis) =>
    Math.max(Math.abs(bounds.min[axis]), Math.abs(bounds.max[axis]), Math.abs(offset[axis])),
  );
  // With room for what rounding has taken from the bounds.
  const reach = eachAxis(
    (axis) =>
      Math.abs((bounds.max[axis] - bounds.min[axis]) / scale[axis]) / 2 +
      Math.abs(roundingMargin(far[axis]) / scale[axis]) +
      2,
  );
  if (!origin.every((value) => Math.abs(value) < MAX_REACH) || !reach.every((value) => value < MAX_REACH))
    return null;

  const measure = ([a, b, c, d]: Row): Measured => {
    const row: Row = [
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
  // The same place at any scale; and what is near to 1 neither overflows in float32 nor vanishes.
  const inCells = (row: Row, start: number, perMetre: number) => {
    const folded = row.map((value, i) => (value - start * depth[i]!) * perMetre) as unknown as Row;
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
  // Also where a number is not one.
  if (!(isEnough && isSmall && isOrdinary(weight.size))) return null;

  const sides = limits?.map(([first, second]) => {
    const sum = first.map((value, i) => value + second[i]!) as unknown as Row;
    const { row, size, error } = measure(sum);
    const lost = (sizeOf(first, far) + sizeOf(second, far)) * DOUBLE_ERROR;
    return { row: divided(row, size), error: (error + lost) / size, least: least(row, reach) / size, size };
  });
  if (sides?.some(({ error, size }) => !(error < 1 && isOrdinary(size)))) return null;
  // Of most nodes every point is between the limits, and nothing has to be asked.
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

/** Far from where float64 loses digits or ends. */
function isOrdinary(size: number): boolean {
  return size > 2 ** -800 && size < 2 ** 800;
}

function eachAxis(value: (axis: 0 | 1 | 2) => number): Vec3 {
  return [value(0), value(1), value(2)];
}

/** The sum of the terms' greatest sizes. */
function sizeOf([a, b, c, d]: Row, [x, y, z]: Vec3): number {
  return Math.abs(a) * x + Math.abs(b) * y + Math.abs(c) * z + Math.abs(d);
}

/** The least value for integers up to `reach`. */
function least([a, b, c, d]: Row, [x, y, z]: Vec3): number {
  return d - Math.abs(a) * x - Math.abs(b) * y - Math.abs(c) * z;
}

function divided([a, b, c, d]: Row, by: number): Row {
  return [a / by, b / by, c / by, d / by];
}
