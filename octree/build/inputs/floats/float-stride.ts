/**
 * Estimates the number of float32 values per point of a file without a header. The file does not state it,
 * and a wrong number mixes up the axes without any error.
 *
 * With the right number N, the values i, i + N, i + 2 N, ... are one dimension, and the dimensions differ:
 * heights are small, coordinates are large, intensities are positive. With a wrong number, each series is a
 * mixture of all dimensions, and all series are similar. The fraction of the variance that lies between the
 * series tells the two cases apart (analysis of variance: eta squared). For 13 real frames it is 0.50 to 0.67
 * at the right number and its multiples. At all other numbers it is at most 0.45, and 0 if the number has no
 * common divisor with the right one.
 */

export const FEWEST_FLOATS = 3;
export const MOST_FLOATS = 64;

/** Numbers of floats that occur in data sets: x y z, with intensity, with ring, with ring and time, ... */
const CANDIDATES: readonly number[] = [3, 4, 5, 6, 7, 8, 9, 10];
/** Least number of points for a verdict. */
const LEAST_POINTS = 32;
/** Least fraction of the best number for a verdict. */
const LEAST_SHARE = 0.1;
/** The stated number is doubted if its fraction, divided by the best one, is below this. */
const DOUBTFUL_RATIO = 0.9;
/**
 * The same for a part of the better number: in few points, two lasers in turn look like two points in one.
 */
const DOUBTFUL_PART_RATIO = 0.75;
/**
 * Half of 6 values may look nearly as good as all of them. It is too few if one of its series falls apart
 * into the series of the whole: at least this fraction of its variance is between them. In real frames that
 * is 0.36 or more; where the half is right, 0.2 or less, if there are 400 points.
 */
const SPLIT_VARIANCE_SHARE = 0.3;
/** Larger magnitudes are ignored: they are wild points. */
const GREATEST_LOGARITHM = 60;
/** Range of the magnitudes of measured coordinates, apart from 0. */
const LEAST_MAGNITUDE = 1e-25;
const GREATEST_MAGNITUDE = 1e25;
/** If a larger fraction of the values is out of this range, they are not float32. */
const MOST_IMPLAUSIBLE = 0.02;

/** Samples of consecutive values of the file. */
export interface FloatSample {
  readonly stretches: readonly { readonly start: number; readonly values: Float32Array }[];
  /** Number of values in the whole file. */
  readonly total: number;
}

/**
 * The number of floats per point according to the values; null if they do not tell, or if it is `stated`.
 */
export function betterStride(sample: FloatSample, stated: number): number | null {
  const fitting = CANDIDATES.filter(
    (floats) => sample.total % floats === 0 && sample.total / floats >= LEAST_POINTS,
  );
  const logarithms = logarithmsOf(sample);
  const shares = new Map(fitting.map((floats) => [floats, varianceBetween(logarithms, floats)]));
  const most = Math.max(...shares.values());
  const ofStated = varianceBetween(logarithms, stated);
  const isBetter = (floats: number) =>
    ofStated < (floats % stated === 0 ? DOUBTFUL_PART_RATIO : DOUBTFUL_RATIO) * shares.get(floats)!;
  if (!(most >= LEAST_SHARE) || !fitting.some(isBetter)) return null;
  // Multiples of the right number fit as well or better, so the smallest is right, unless its series fall
  // apart.
  const best = fitting.find((floats) => shares.get(floats)! >= DOUBTFUL_RATIO * most)!;
  const least = fitting.find(
    (floats) => best % floats === 0 && shares.get(floats)! >= DOUBTFUL_PART_RATIO * most,
  )!;
  return fitting.find((floats) => floats > least && isApart(logarithms, least, floats)) ?? least;
}

/**
 * True if many values cannot be measurements: then the file has float64 values, integers or compressed data.
 */
export function areNoFloats({ stretches }: FloatSample): boolean {
  let implausible = 0;
  let count = 0;
  for (const { values } of stretches) {
    count += values.length;
    for (const value of values) {
      const magnitude = Math.abs(value);
      if (magnitude > GREATEST_MAGNITUDE || (magnitude > 0 && magnitude < LEAST_MAGNITUDE)) implausible++;
    }
  }
  return count >= LEAST_POINTS && implausible > MOST_IMPLAUSIBLE * count;
}

interface Logarithms {
  readonly start: number;
  /** asinh of the values; wild and missing ones are not numbers. */
  readonly values: Float64Array;
}

function logarithmsOf({ stretches }: FloatSample): Logarithms[] {
  return stretches.map(({ start, values }) => {
    const logarithms = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const logarithm = Math.asinh(values[i]!);
      logarithms[i] = Math.abs(logarithm) < GREATEST_LOGARITHM ? logarithm : Number.NaN;
    }
    return { start, values: logarithms };
  });
}

/** Whether `multiple` values a point are clearly more than one point of `floats` values. */
function isApart(stretches: readonly Logarithms[], floats: number, multiple: number): boolean {
  if (multiple % floats !== 0) return false;
  const columns = Array.from({ length: floats }, (_, first) => ({ first, every: floats }));
  return columns.some((column) => varianceBetween(stretches, multiple, column) >= SPLIT_VARIANCE_SHARE);
}

/**
 * The fraction, 0 to 1, of the variance between the `floats` series: of the logarithms or of their
 * magnitudes. Only value `first` of each `every` values is looked at.
 */
function varianceBetween(
  stretches: readonly Logarithms[],
  floats: number,
  { first, every } = { first: 0, every: 1 },
): number {
  const counts = new Float64Array(floats);
  const [signed, unsigned] = [new Float64Array(floats), new Float64Array(floats)];
  let [squares, count] = [0, 0];
  for (const { start, values } of stretches) {
    const from = (first - (start % every) + every) % every;
    for (let i = from, series = (start + from) % floats; i < values.length; i += every, series += every) {
      if (series >= floats) series -= floats;
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      signed[series]! += value;
      unsigned[series]! += Math.abs(value);
      counts[series]! += 1;
      squares += value * value;
      count++;
    }
  }
  const share = (sums: Float64Array) => {
    const sum = sums.reduce((total, s) => total + s, 0);
    const mean = sum / count;
    const all = squares - sum * mean;
    const between = sums.reduce(
      (total, s, i) => (counts[i] ? total + counts[i]! * (s / counts[i]! - mean) ** 2 : total),
      0,
    );
    return all > 0 ? between / all : 0;
  };
  return Math.max(share(signed), share(unsigned));
}
