/**
 * Where a scanner stood, from the points of one scan alone: first where the ground shows shadows (wide but
 * coarse), then where its points lie in circles (narrow and exact).
 */
import type { Sliced } from '../../cache/foundation/index.ts';
import type { Vec3 } from '../boxes/index.ts';
import { ringSharpness } from './rings.ts';
import { hiddenShare } from './shadows.ts';
import { partTerrain, type Terrain } from './terrain.ts';

export interface ScannerEstimate {
  /** In the coordinates of the positions, metres. The height is a guess: that of a roof. */
  readonly place: Vec3;
  /** 0 to 1: how much the place differs from all others. */
  readonly confidence: number;
}

export interface EstimateOptions {
  /**
   * Whether circles alone are evidence, and shadows only tell where to look for them. For a cloud that may be
   * put together of scans of several places: its points lie in no circles, but on an empty street there are
   * few shadows that contradict a place amid the true ones. Default: false.
   */
  readonly byRingsAlone?: boolean;
}

/** An estimate counts from this confidence on. */
export const LEAST_CONFIDENCE = 0.5;

/** Scanners stand this high over the ground, more or less, metres. */
const SCANNER_HEIGHT_M = 1.8;
/** The ground under a place is the median of this many points around it. */
const NEAREST_GROUND_POINTS = 50;
/** Fewer points of either kind say nothing. */
const LEAST_POINTS = 200;
/** Points of each kind that are looked at in the first search, and later. */
const FIRST_SEARCH_POINTS = 800;
const MOST_POINTS = 6000;
/** Distance of places in the first search, metres; larger where there would be more places than this. */
const FIRST_STEP_M = 4;
const MOST_PLACES = 2500;
/** Places of the first search that are looked at more closely. */
const CANDIDATES = 10;
/** Steps of the searches around a candidate, metres, and how many of them to each side. */
const SHADOW_STEPS = [2, 1] as const;
const RING_SEARCHES = [
  { step: 0.5, reach: 4 },
  { step: 0.25, reach: 2 },
  { step: 0.1, reach: 2 },
] as const;
/** Places closer to each other than this are one, metres. */
const SAME_PLACE_M = 4;
/**
 * Circles are evidence from this sharpness beyond that of the best other place on; with so much more the
 * confidence is 1.
 */
const ACCIDENTAL_SHARPNESS = 0.3;
const CERTAIN_SHARPNESS = 1;
/**
 * Shadows are evidence where the hidden share is below this part of what is usual in the scan; at the second
 * number the confidence is 1.
 */
const ACCIDENTAL_HIDDEN = 0.75;
const CERTAIN_HIDDEN = 0.6;
/** Where less is usually hidden, the street is too empty to tell. */
const LEAST_USUAL = 0.15;
/** What is usual is the median of so many places on the ground. */
const USUAL_PLACES = 60;

interface ScoredPlace {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

/**
 * @param positions x, y, z interleaved, metres, within some kilometres of the origin; values that are not
 *   finite are passed over
 * @param count how many points of `positions` to read
 * @returns null if there are too few points to tell
 */
export function* estimateScanner(
  positions: Float32Array,
  count: number,
  { byRingsAlone = false }: EstimateOptions = {},
): Sliced<ScannerEstimate | null> {
  const all = partTerrain(positions, count);
  const terrain = thinned(all, MOST_POINTS);
  if (terrain.ground.length / 3 < LEAST_POINTS || terrain.obstacles.length / 2 < LEAST_POINTS) return null;
  yield;
  const shadow = yield* byShadows(terrain);
  const ring = yield* byRings(terrain.ground, shadow.candidates);
  const best = byRingsAlone || ring.confidence >= shadow.confidence ? ring : shadow;
  const { x, y } = best.place;
  return {
    place: [x, y, groundNear(terrain.ground, best.place) + SCANNER_HEIGHT_M],
    confidence: best.confidence,
  };
}

/** The place from which the least ground is hidden, and others that come close. */
function* byShadows(
  terrain: Terrain,
): Sliced<{ place: ScoredPlace; confidence: number; candidates: ScoredPlace[] }> {
  const hidden = (x: number, y: number) => -hiddenShare(terrain, x, y);
  const candidates: ScoredPlace[] = [];
  for (const start of yield* leastHidden(terrain)) {
    let place = start;
    for (const step of SHADOW_STEPS) place = yield* bestAround(place, step, 1, hidden);
    candidates.push(place);
  }
  candidates.sort((a, b) => b.value - a.value);
  const [place] = candidates as [ScoredPlace, ...ScoredPlace[]];
  const few = everyNth(terrain.ground, 3, USUAL_PLACES);
  const shares: number[] = [];
  for (let i = 0; i < few.length; i += 3) shares.push(hiddenShare(terrain, few[i]!, few[i + 1]!));
  yield;
  const usual = shares.sort((a, b) => a - b)[Math.floor(shares.length / 2)]!;
  const ratio = -place.value / Math.max(usual, 1e-6);
  const isTelling = usual >= LEAST_USUAL;
  const confidence = isTelling ? unit((ACCIDENTAL_HIDDEN - ratio) / (ACCIDENTAL_HIDDEN - CERTAIN_HIDDEN)) : 0;
  return { place, confidence, candidates };
}

/** The place near one of the candidates around which the ground points lie in the sharpest circles. */
function* byRings(
  ground: Float64Array,
  candidates: readonly ScoredPlace[],
): Sliced<{ place: ScoredPlace; confidence: number }> {
  const [{ step, reach }, ...finer] = RING_SEARCHES;
  const found: { place: ScoredPlace; height: number }[] = [];
  for (const candidate of candidates) {
    const height = groundNear(ground, candidate) + SCANNER_HEIGHT_M;
    const sharp = (x: number, y: number) => ringSharpness(ground, x, y, height);
    found.push({ place: yield* bestAround(candidate, step, reach, sharp), height });
  }
  found.sort((a, b) => b.place.value - a.place.value);
  let { place, height } = found[0]!;
  for (const { step, reach } of finer)
    place = yield* bestAround(place, step, reach, (x, y) => ringSharpness(ground, x, y, height));
  const isElsewhere = (other: ScoredPlace) => Math.hypot(other.x - place.x, other.y - place.y) > SAME_PLACE_M;
  const other = found.find((one) => isElsewhere(one.place))?.place.value ?? 0;
  const confidence = unit((place.value - Math.max(other, ACCIDENTAL_SHARPNESS)) / CERTAIN_SHARPNESS);
  return { place, confidence };
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The places of a grid over the scan from which the least ground is hidden. */
function* leastHidden(terrain: Terrain): Sliced<ScoredPlace[]> {
  const few = thinned(terrain, FIRST_SEARCH_POINTS);
  const [left, right] = span(few.ground, 0);
  const [bottom, top] = span(few.ground, 1);
  const step = Math.max(FIRST_STEP_M, Math.sqrt(((right - left) * (top - bottom)) / MOST_PLACES));
  const places: ScoredPlace[] = [];
  for (let x = left; x <= right; x += step) {
    for (let y = bottom; y <= top; y += step) places.push({ x, y, value: -hiddenShare(few, x, y) });
    yield;
  }
  return places.sort((a, b) => b.value - a.value).slice(0, CANDIDATES);
}

/** The place with the largest value among those of a small grid around `from`. */
function* bestAround(
  from: ScoredPlace,
  step: number,
  reach: number,
  valueAt: (x: number, y: number) => number,
): Sliced<ScoredPlace> {
  let best: ScoredPlace = { ...from, value: Number.NEGATIVE_INFINITY };
  for (let i = -reach; i <= reach; i++) {
    for (let j = -reach; j <= reach; j++) {
      const x = from.x + i * step;
      const y = from.y + j * step;
      const value = valueAt(x, y);
      if (value > best.value) best = { x, y, value };
    }
    yield;
  }
  return best;
}

/** Median height of the ground points around a place. */
function groundNear(ground: Float64Array, { x, y }: ScoredPlace): number {
  const near: { distance: number; z: number }[] = [];
  for (let i = 0; i < ground.length; i += 3)
    near.push({ distance: Math.hypot(ground[i]! - x, ground[i + 1]! - y), z: ground[i + 2]! });
  near.sort((a, b) => a.distance - b.distance);
  const heights = near.slice(0, NEAREST_GROUND_POINTS).map(({ z }) => z);
  return heights.sort((a, b) => a - b)[Math.floor(heights.length / 2)]!;
}

/** Where all but the outermost 2 % of the points lie, along one axis. */
function span(ground: Float64Array, axis: 0 | 1): [number, number] {
  const values = Float64Array.from({ length: ground.length / 3 }, (_, i) => ground[3 * i + axis]!).sort();
  const outer = Math.floor(values.length * 0.02);
  return [values[outer]!, values[values.length - 1 - outer]!];
}

/** At most `most` points of each kind, taken evenly. */
function thinned({ ground, obstacles }: Terrain, most: number): Terrain {
  return { ground: everyNth(ground, 3, most), obstacles: everyNth(obstacles, 2, most) };
}

function everyNth(values: Float64Array, width: number, most: number): Float64Array {
  const count = values.length / width;
  if (count <= most) return values;
  const kept = new Float64Array(most * width);
  for (let k = 0; k < most; k++) {
    const from = Math.floor((k * count) / most) * width;
    kept.set(values.subarray(from, from + width), k * width);
  }
  return kept;
}
