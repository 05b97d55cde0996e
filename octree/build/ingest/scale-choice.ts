/** Chooses the scale of a cloud, and checks whether the first points of an input bear it. */
import { type PointBatch, type PointInput, wrongInput } from '../inputs/index.ts';
import { FINEST_SCALE, type Steps } from '../points/index.ts';
import { collapseOf, couldBeDegrees, geographicExtent } from './scale-check.ts';

/** Metres. */
export const DEFAULT_SCALE = 0.001;

const REPROJECT = 'its coordinates look like degrees (longitude and latitude): reproject them to metres, or ';
/** Steps that are no metres: 1e-6 degrees are 0.1 m, and no scanner measures 0.001 mm. */
const DEGREE_STEP = 1.001e-6;
/** If rounding leaves a smaller fraction of the sampled points distinct, an unstated scale is refused; */
const REFUSED_SHARE = 0.1;
/** below this fraction there is a warning. */
const WARNED_SHARE = 0.5;

/** The scale, and what the owner of the inputs is warned of; null if nothing. */
export interface ScaleChoice {
  readonly scale: number;
  readonly warning: string | null;
}

/**
 * The stated scale; else the finest scale of the inputs, but not coarser than the default.
 * @param stated metres; null if none is stated
 */
export function chooseScale(inputs: readonly PointInput[], stated: number | null): ScaleChoice {
  const own = Math.min(...inputs.flatMap(({ scale }) => scale ?? []).map(Math.abs));
  const scale = stated ?? Math.max(FINEST_SCALE, Math.min(DEFAULT_SCALE, own));
  const isCoarser = own < scale * 0.999;
  return {
    scale,
    warning: isCoarser
      ? `stores steps of ${own}, the cloud has steps of ${scale}: coordinates are rounded`
      : null,
  };
}

/**
 * Refuses longitudes and latitudes if no scale is stated. It recognises them by the reference system, or by a
 * step that is too small for metres.
 */
export function checkUnit(batch: PointBatch, { path, scale, isGeographic }: PointInput): void {
  const hasTinySteps =
    scale !== undefined && Math.abs(scale[0]) <= DEGREE_STEP && Math.abs(scale[1]) <= DEGREE_STEP;
  if (isGeographic || (hasTinySteps && couldBeDegrees(batch)))
    throw wrongInput(path, `${REPROJECT}state a --scale`);
}

/** What the owner is warned of if coordinates could be degrees, and nothing states it; null if not. */
export function unitWarning(batch: PointBatch): string | null {
  const extent = geographicExtent(batch);
  if (extent === null) return null;
  const [wide, high] = [extent.plan, extent.heights].map((metres) => Number(metres.toPrecision(2)));
  return `is built in metres, but x and y could be longitude and latitude: its points spread over ${wide} and are ${high} high. If they are degrees, reproject them to metres`;
}

/**
 * What the owner is warned of if rounding makes many of the points equal; null if it does not.
 * @throws if it makes nearly all of them equal and no scale is stated
 */
export function collapseWarning(
  batch: PointBatch,
  steps: Steps,
  { path, isStated }: { readonly path: string; readonly isStated: boolean },
): string | null {
  const collapse = collapseOf(batch, steps);
  if (collapse === null || collapse.after >= WARNED_SHARE * collapse.before) return null;
  const { before, after, isPlan } = collapse;
  const unit = couldBeDegrees(batch) ? REPROJECT : '';
  const what = `with steps of ${steps.scale}, only ${after} of ${before} sampled points have distinct positions${isPlan ? ', seen from above' : ''}`;
  if (!isStated && after < REFUSED_SHARE * before)
    throw wrongInput(path, `${what}; ${unit}state a finer --scale`);
  return what;
}
