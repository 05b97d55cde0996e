/**
 * The ground under an object: a plane fitted in two stages, first to a wide neighbourhood, then to a narrow
 * one close to the first plane. Deterministic: no sampling. `training/kernels/ground.c` is the same
 * algorithm, step by step; the network was trained on its planes.
 *
 * One fit on a 7 m disc put 7.5 % of real floors more than 0.3 m off; two stages left 2.8 %.
 */

/** z = a x + b y + c, in the coordinates of the positions it was fitted to. */
export interface GroundPlane {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Height of the plane at x, y. */
export function groundHeight(plane: GroundPlane, x: number, y: number): number {
  return plane.a * x + plane.b * y + plane.c;
}

const COARSE = { radius: 14, cell: 1 };
const FINE = { radius: 5.5, cell: 0.5, band: 0.3 };
/**
 * Residuals kept in each round, below and above the plane: what stands on the ground is above it, so the
 * upper side is cut harder.
 */
const COARSE_ROUNDS = [
  [2, 0.8],
  [1.2, 0.6],
  [0.8, 0.4],
  [0.5, 0.3],
  [0.4, 0.25],
] as const;
const FINE_ROUNDS = [
  [0.3, 0.2],
  [0.2, 0.14],
  [0.14, 0.1],
] as const;
/** Pull of the slope towards its prior (flat, then the coarse slope), in cells times square metres. */
const COARSE_RIDGE = 60;
const FINE_RIDGE = 30;
const MAX_SLOPE = 0.35;
const MIN_CELLS = 3;
const MIN_FINE_CELLS = 4;
/**
 * Points that decide the final height: within this of the plane. The lowest return of a cell lies a little
 * too low; their mean does not.
 */
const LEVEL_BAND = 0.1;
const MAX_LEVEL = 0.05;

/**
 * The plane of the ground around a place.
 * @param positions x, y, z interleaved, metres; values that are not finite are passed over
 * @param count how many points of `positions` to read
 * @param around x, y of the place
 * @returns the plane, or null where there are too few points to tell
 */
export function estimateGround(
  positions: Float32Array | Float64Array,
  count: number,
  around: readonly [number, number],
): GroundPlane | null {
  const [ax, ay] = around;
  const wide = lowestPerCell(positions, count, ax, ay, COARSE.radius, COARSE.cell, null);
  if (wide.length < MIN_CELLS * 3) return null;
  const heights = new Float64Array(wide.length / 3);
  for (let i = 0; i < heights.length; i++) heights[i] = wide[3 * i + 2]!;
  heights.sort();
  const start: Local = { a: 0, b: 0, c: heights[Math.floor(heights.length / 4)]! };
  const coarse = fitRounds(wide, start, COARSE_ROUNDS, COARSE_RIDGE, MIN_CELLS, 8);
  if (!coarse) return null;
  const narrow = lowestPerCell(positions, count, ax, ay, FINE.radius, FINE.cell, coarse);
  const fine =
    narrow.length >= 3 * MIN_FINE_CELLS
      ? (fitRounds(narrow, coarse, FINE_ROUNDS, FINE_RIDGE, MIN_FINE_CELLS, 4) ?? coarse)
      : coarse;
  const c = fine.c + level(positions, count, ax, ay, fine);
  return { a: fine.a, b: fine.b, c: c - fine.a * ax - fine.b * ay };
}

/** A plane about the place asked for: x and y are measured from there. */
type Local = { a: number; b: number; c: number };

/**
 * The low end of each cell of a square grid inside the disc: the second lowest height where a cell has four
 * points or more (a stray return below the ground is common), the lowest elsewhere. Returns x, y, z triples
 * in cell order, x and y from the centre.
 */
function lowestPerCell(
  positions: Float32Array | Float64Array,
  count: number,
  ax: number,
  ay: number,
  radius: number,
  cell: number,
  near: Local | null,
): Float64Array {
  const side = Math.ceil((2 * radius) / cell);
  const lowest = new Float64Array(side * side * 6);
  const counts = new Int32Array(side * side);
  const limit = radius * radius;
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]! - ax;
    const y = positions[3 * i + 1]! - ay;
    const z = positions[3 * i + 2]!;
    if (!(x * x + y * y < limit) || !Number.isFinite(z)) continue;
    if (near && Math.abs(z - near.a * x - near.b * y - near.c) > FINE.band) continue;
    const column = Math.floor((x + radius) / cell);
    const row = Math.floor((y + radius) / cell);
    if (column < 0 || row < 0 || column >= side || row >= side) continue;
    const k = row * side + column;
    const o = 6 * k;
    const n = counts[k]!;
    if (n === 0 || z < lowest[o + 2]!) {
      if (n > 0) {
        lowest[o + 3] = lowest[o]!;
        lowest[o + 4] = lowest[o + 1]!;
        lowest[o + 5] = lowest[o + 2]!;
      }
      lowest[o] = x;
      lowest[o + 1] = y;
      lowest[o + 2] = z;
    } else if (n === 1 || z < lowest[o + 5]!) {
      lowest[o + 3] = x;
      lowest[o + 4] = y;
      lowest[o + 5] = z;
    }
    counts[k] = n + 1;
  }
  const out = new Float64Array(3 * side * side);
  let used = 0;
  for (let k = 0; k < counts.length; k++) {
    const n = counts[k]!;
    if (n === 0) continue;
    const o = 6 * k + (n >= 4 ? 3 : 0);
    out[used++] = lowest[o]!;
    out[used++] = lowest[o + 1]!;
    out[used++] = lowest[o + 2]!;
  }
  return out.subarray(0, used);
}

/**
 * Weighted least squares in rounds with shrinking windows; near cells weigh more (half at `reach` metres).
 * Null when too few cells remain.
 */
function fitRounds(
  cells: Float64Array,
  start: Local,
  rounds: readonly (readonly [number, number])[],
  ridge: number,
  minCells: number,
  reach: number,
): Local | null {
  let plane = start;
  for (const [below, above] of rounds) {
    // Normal equations of w (a x + b y + c - z)^2, the slope drawn to that of the start.
    let sw = 0;
    let sx = 0;
    let sy = 0;
    let sz = 0;
    let sxx = ridge;
    let sxy = 0;
    let syy = ridge;
    let sxz = ridge * start.a;
    let syz = ridge * start.b;
    let used = 0;
    for (let i = 0; i < cells.length; i += 3) {
      const x = cells[i]!;
      const y = cells[i + 1]!;
      const z = cells[i + 2]!;
      const r = z - plane.a * x - plane.b * y - plane.c;
      const q = r < 0 ? -r / below : r / above;
      if (q >= 1) continue;
      const t = 1 - q * q;
      const w = (t * t) / (1 + (x * x + y * y) / (reach * reach));
      sw += w;
      sx += w * x;
      sy += w * y;
      sz += w * z;
      sxx += w * x * x;
      sxy += w * x * y;
      syy += w * y * y;
      sxz += w * x * z;
      syz += w * y * z;
      used++;
    }
    if (used < minCells || !(sw > 1e-9)) return null;
    // c eliminated first.
    const mxx = sxx - (sx * sx) / sw;
    const mxy = sxy - (sx * sy) / sw;
    const myy = syy - (sy * sy) / sw;
    const rx = sxz - (sx * sz) / sw;
    const ry = syz - (sy * sz) / sw;
    const det = mxx * myy - mxy * mxy;
    if (!(det > 1e-9)) return null;
    let a = (rx * myy - ry * mxy) / det;
    let b = (ry * mxx - rx * mxy) / det;
    const slope = Math.sqrt(a * a + b * b);
    if (slope > MAX_SLOPE) {
      a *= MAX_SLOPE / slope;
      b *= MAX_SLOPE / slope;
    }
    plane = { a, b, c: (sz - a * sx - b * sy) / sw };
  }
  return plane;
}

/** Mean height over the plane of the points close to it, inside the narrow disc. */
function level(
  positions: Float32Array | Float64Array,
  count: number,
  ax: number,
  ay: number,
  plane: Local,
): number {
  const limit = FINE.radius * FINE.radius;
  let sum = 0;
  let n = 0;
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i]! - ax;
    const y = positions[3 * i + 1]! - ay;
    if (!(x * x + y * y < limit)) continue;
    const r = positions[3 * i + 2]! - plane.a * x - plane.b * y - plane.c;
    if (Math.abs(r) < LEVEL_BAND) {
      sum += r;
      n++;
    }
  }
  if (n < 5) return 0;
  return Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, sum / n));
}
