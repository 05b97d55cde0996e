/**
 * Positions as whole steps of a scale: EPT stores them as int32 X, Y, Z with `scale` and `offset`. They are
 * rounded to the nearest step, so |x - x'| <= scale / 2.
 */
import { NearboxError } from '../../../cache/foundation/index.ts';
import type { Vec3 } from '../../geometry/index.ts';

export interface Steps {
  /** Metres. */
  readonly scale: number;
  /** Whole metres, because at least one reader (PDAL's) drops the fraction. */
  readonly offset: Vec3;
}

/** The extent of points, in steps. */
export interface StepExtent {
  readonly min: Vec3;
  readonly max: Vec3;
}

/**
 * A float64 holds UTM coordinates to about 1e-9 m, so finer scales would promise more than the inputs have.
 */
export const FINEST_SCALE = 1e-6;
const COARSEST_SCALE = 1000;

const INT32_MAX = 2 ** 31 - 1;
/** Coordinates up to so many steps from zero are stored without an offset. */
export const NEAR_ZERO = 2 ** 29;

export function checkScale(scale: number): number {
  if (!(scale >= FINEST_SCALE && scale <= COARSEST_SCALE)) {
    throw new NearboxError(
      'invalid_request',
      `scale must be between ${FINEST_SCALE} and ${COARSEST_SCALE} metres, not ${scale}`,
    );
  }
  return scale;
}

/**
 * The offset of a cloud whose points lie around `middle`: 0 if that is near zero, else the nearest whole
 * metre.
 */
export function chooseSteps(scale: number, middle: Vec3): Steps {
  const offset = middle.map((value) => (Math.abs(value) <= NEAR_ZERO * scale ? 0 : Math.round(value)));
  return { scale, offset: [offset[0]!, offset[1]!, offset[2]!] };
}

/** The coordinates, in metres, of a position in steps. */
export function pointAt({ scale, offset }: Steps, [x, y, z]: Vec3): Vec3 {
  return [x * scale + offset[0], y * scale + offset[1], z * scale + offset[2]];
}

/**
 * The error for points that lie too far apart for the scale. `farthest`: the largest distance from the
 * offset, metres.
 */
export function scaleTooFine(scale: number, farthest: number, path: string): NearboxError {
  const needed = 10 ** Math.ceil(Math.log10(farthest / INT32_MAX));
  const advice =
    needed <= COARSEST_SCALE
      ? `a scale of ${Number(needed.toPrecision(1))} fits`
      : 'no scale fits: are there stray points among them?';
  return new NearboxError(
    'invalid_request',
    `${path}: a scale of ${scale} is too fine: points lie ${farthest.toPrecision(4)} m apart; ${advice}`,
  );
}
