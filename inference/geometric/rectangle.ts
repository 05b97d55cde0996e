/**
 * The yaw of an upright rectangle round points seen from above: search-based fitting by the closeness
 * criterion of Zhang, Xu, Dong and Dolan, "Efficient L-Shape Fitting for Vehicle Detection Using Laser
 * Scanners" (IEEE IV 2017), coarse to fine. Where the scanner's place is known, only the two edges that face
 * it count: the others are not seen.
 */
import type { Vec2 } from '../boxes/index.ts';

/** Points in columns, seen from above; metres. */
export interface Outline {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * How far the points reach along the two axes of a rectangle turned by `yaw`: `along` it and `across` (to the
 * left of) it.
 */
export interface Extents {
  readonly yaw: number;
  readonly along: readonly [number, number];
  readonly across: readonly [number, number];
}

/**
 * The range of yaws to search, radians. Over a quarter turn the search is circular, because a rectangle is.
 */
export interface YawRange {
  readonly from: number;
  readonly to: number;
}

export const QUARTER_TURN: YawRange = { from: 0, to: Math.PI / 2 };

const COARSE_STEP_RADIANS = (3 * Math.PI) / 180;
const FINE_STEP_RADIANS = (0.75 * Math.PI) / 180;
/**
 * Points closer to an edge than this lie on it, metres: covers a scanner's noise and a car's curved sides.
 */
const ON_EDGE_METRES = 0.1;
/** Share of the points ignored at each end of an extent: mixed pixels and mirrors. */
const STRAY_SHARE = 0.01;
/** Of more points, a part is used: the yaw gets no better. */
const MOST_POINTS = 250;

/** The extents of the points in a frame turned by `yaw`. */
export function extentsAt(outline: Outline, yaw: number): Extents {
  const { along, across } = projected(outline, yaw);
  return { yaw, along: quantileRange(along), across: quantileRange(across) };
}

/**
 * The best yaws of a rectangle round the points, best first: local maxima of the closeness, at most `most`,
 * refined. Each stands for four headings a quarter turn apart.
 */
export function rectangleYaws(
  outline: Outline,
  sensor: Vec2 | null,
  range: YawRange,
  most: number,
): { yaw: number; closeness: number }[] {
  const points = thinned(outline);
  const circular = range.to - range.from >= Math.PI / 2 - 1e-9;
  const steps = Math.max(1, Math.round((range.to - range.from) / COARSE_STEP_RADIANS));
  const yaws = Array.from(
    { length: circular ? steps : steps + 1 },
    (_, k) => range.from + (k * (range.to - range.from)) / steps,
  );
  const values = yaws.map((yaw) => closeness(points, sensor, yaw));
  const peaks = yaws.flatMap((yaw, k) => {
    const last = yaws.length - 1;
    const left = values[k > 0 ? k - 1 : circular ? last : k]!;
    const right = values[k < last ? k + 1 : circular ? 0 : k]!;
    return values[k]! >= left && values[k]! >= right ? [{ yaw, closeness: values[k]! }] : [];
  });
  peaks.sort((a, b) => b.closeness - a.closeness);
  return peaks.slice(0, most).map((peak) => refined(points, sensor, peak));
}

function refined(points: Outline, sensor: Vec2 | null, start: { yaw: number; closeness: number }) {
  let best = start;
  for (let k = -3; k <= 3; k++) {
    const yaw = start.yaw + k * FINE_STEP_RADIANS;
    const value = k === 0 ? start.closeness : closeness(points, sensor, yaw);
    if (value > best.closeness) best = { yaw, closeness: value };
  }
  return best;
}

/**
 * Mean over the points of ON_EDGE_METRES / max(distance to the nearest edge that counts, ON_EDGE_METRES): 1
 * if all lie on an edge.
 */
function closeness(points: Outline, sensor: Vec2 | null, yaw: number): number {
  const { along, across } = projected(points, yaw);
  const [a0, a1] = quantileRange(along);
  const [c0, c1] = quantileRange(across);
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  const eyeAlong = sensor ? sensor[0] * cos + sensor[1] * sin : (a0 + a1) / 2;
  const eyeAcross = sensor ? sensor[1] * cos - sensor[0] * sin : (c0 + c1) / 2;
  // Between the two edges the scanner faces neither for certain: then both count.
  const lowAlong = eyeAlong <= a1;
  const highAlong = eyeAlong >= a0;
  const lowAcross = eyeAcross <= c1;
  const highAcross = eyeAcross >= c0;
  let sum = 0;
  for (let i = 0; i < along.length; i++) {
    let distance = Number.POSITIVE_INFINITY;
    if (lowAlong) distance = Math.min(distance, Math.abs(along[i]! - a0));
    if (highAlong) distance = Math.min(distance, Math.abs(a1 - along[i]!));
    if (lowAcross) distance = Math.min(distance, Math.abs(across[i]! - c0));
    if (highAcross) distance = Math.min(distance, Math.abs(c1 - across[i]!));
    sum += ON_EDGE_METRES / Math.max(distance, ON_EDGE_METRES);
  }
  return sum / Math.max(1, along.length);
}

function projected(outline: Outline, yaw: number): { along: Float64Array; across: Float64Array } {
  const n = outline.x.length;
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  const along = new Float64Array(n);
  const across = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    along[i] = outline.x[i]! * cos + outline.y[i]! * sin;
    across[i] = outline.y[i]! * cos - outline.x[i]! * sin;
  }
  return { along, across };
}

const BINS = 256;
const histogram = new Int32Array(BINS);

/**
 * The range of the values without the STRAY_SHARE share at each end, to within 1/256 of it. Exact for fewer
 * than 1 / STRAY_SHARE values.
 */
function quantileRange(values: Float64Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const stray = Math.floor(values.length * STRAY_SHARE);
  if (stray === 0 || !(high > low)) return [low, high];
  histogram.fill(0);
  const scale = (BINS - 1e-6) / (high - low);
  for (const value of values) {
    const bin = Math.floor((value - low) * scale);
    histogram[bin] = histogram[bin]! + 1;
  }
  let first = 0;
  for (let passed = histogram[0]!; passed <= stray; passed += histogram[++first]!);
  let last = BINS - 1;
  for (let passed = histogram[last]!; passed <= stray; passed += histogram[--last]!);
  return [low + first / scale, low + (last + 1) / scale];
}

function thinned(outline: Outline): Outline {
  const n = outline.x.length;
  if (n <= MOST_POINTS) return outline;
  const pick = (values: Float64Array) =>
    Float64Array.from({ length: MOST_POINTS }, (_, k) => values[Math.floor((k * n) / MOST_POINTS)]!);
  return { x: pick(outline.x), y: pick(outline.y) };
}
