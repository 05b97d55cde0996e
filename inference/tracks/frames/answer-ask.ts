/** Fits one object in one frame, from a crop of the frame's points. */
import { type Box, insideTest, minus, plus, type Vec3 } from '../../boxes/index.ts';
import { CropGrid } from '../../crop-grid/index.ts';
import type { Crop, FitRequest } from '../../fit/index.ts';
import { CONTEXT_RADIUS_METRES } from '../../network/index.ts';
import type { FitAsk, FitReply, Fitted, StartEvidence } from './frame-fits.ts';
import { isInPlace, isSurelyInPlace, type Registration, register } from './registration.ts';
import { type Shape, shapeOf } from './shape.ts';
import { Surroundings } from './surroundings.ts';

/** How far beyond a box the fit reads points, metres: neighbours, ground and free space. */
const BOX_MARGIN_METRES = 5;
/** How far beyond the box registration reads points, metres: the fit may be wrong by that much. */
const SHAPE_MARGIN_METRES = 0.3;
/** Points below this height over the floor of the box count as ground, metres. */
const FLOOR_METRES = 0.15;
/** A start is not fitted if its box, grown by `marginMetres`, has fewer points than this. */
const WORTH_A_FIT = { points: 3, marginMetres: 0.8 };

/**
 * Fits with the network: the box is the hint, its size is kept. The score is the network's own, not
 * calibrated. null: there were too few points.
 */
export type FitBox = (request: FitRequest) => Promise<{ readonly box: Box; readonly score: number } | null>;

/** The sphere of points that a request needs; its centre is the origin of the crop. */
export function sphereOf({ starts }: Pick<FitAsk, 'starts'>): { center: Vec3; radius: number } {
  const center = starts[0]!.center;
  let radius = CONTEXT_RADIUS_METRES;
  for (const { center: at, size } of starts) {
    const away = Math.hypot(at[0] - center[0], at[1] - center[1]);
    radius = Math.max(radius, away + Math.hypot(...size) / 2 + BOX_MARGIN_METRES);
  }
  return { center, radius };
}

/**
 * @param crop the points in `sphereOf(ask)`
 * @param sensor place of the scanner in the frame's coordinates; null: unknown
 */
export async function answerAsk(
  crop: Crop,
  ask: FitAsk,
  sensor: Vec3 | null,
  fit: FitBox,
): Promise<FitReply> {
  const { origin } = crop;
  const local = sensor && minus(sensor, origin);
  const inCrop = (box: Box): Box => ({ ...box, center: minus(box.center, origin) });
  const starts = ask.starts.map(inCrop);
  const first = starts[0]!;
  const atFirst = new Surroundings(crop, first);
  const atPlace = ask.atPlace === null ? null : registered(atFirst, first, ask.reference);
  const needsFit = !isShown(ask.atPlace, atPlace);
  const fits: (Fitted | null)[] = [];
  for (const box of starts) {
    const around = box === first ? atFirst : new Surroundings(crop, box);
    if (!needsFit || pointsInside(around, box, WORTH_A_FIT.marginMetres) < WORTH_A_FIT.points) {
      fits.push(null);
      continue;
    }
    const found = await fit({
      crop,
      hint: { type: 'box', box },
      class: ask.class,
      size: box.size,
      sensor: local,
      others: [],
    });
    if (found === null) {
      fits.push(null);
      continue;
    }
    fits.push({
      box: { ...found.box, center: plus(found.box.center, origin) },
      score: found.score,
      inside: pointsInside(around, found.box),
      registration: registered(around, found.box, ask.reference),
    });
  }
  return {
    fits,
    start: {
      inside: pointsInside(atFirst, first),
      registration: atPlace,
      ...occlusionOf(crop, first, local),
    },
    shape: ask.wantsShape ? shapeOf(atFirst.of(first, SHAPE_MARGIN_METRES), first, 0.1) : null,
  };
}

/** Whether the points answer without a fit. */
function isShown(wanted: FitAsk['atPlace'], registration: Registration | null): boolean {
  if (wanted === 'fit_if_moved') return isInPlace(registration);
  return wanted === 'fit_if_unsure' && isSurelyInPlace(registration);
}

function occlusionOf(crop: Crop, box: Box, sensor: Vec3 | null): Pick<StartEvidence, 'hidden' | 'free'> {
  const places = occlusionAbout(crop, box, sensor);
  let hidden = 0;
  let free = 0;
  for (let i = 0; i < places.length; i += 2) {
    hidden += places[i]!;
    free += places[i + 1]!;
  }
  const share = 2 / places.length;
  return { hidden: hidden * share, free: free * share };
}

/** A grid is large, so it is reused when it is free. */
let spareGrid: CropGrid | null = null;

function occlusionAbout({ positions, count }: Crop, box: Box, sensor: Vec3 | null): Float32Array {
  const grid = spareGrid ?? new CropGrid();
  spareGrid = null;
  grid.load(positions, count);
  const ground = grid.estimateGround([box.center[0], box.center[1]]);
  const places = grid.boxOcclusion(box, sensor, ground);
  if (grid.isReusable) spareGrid = grid;
  return places;
}

function registered(around: Surroundings, box: Box, reference: Shape | null): Registration | null {
  if (reference === null) return null;
  const points = shapeOf(around.of(box, SHAPE_MARGIN_METRES), box, SHAPE_MARGIN_METRES);
  return register(points, reference);
}

/** Points in the box, with its sides moved out by `margin` metres, without those at its floor. */
function pointsInside(around: Surroundings, box: Box, margin = 0): number {
  const { positions, count } = around.of(box, margin);
  const isInside = insideTest(box, margin);
  const floor = box.center[2] - box.size[2] / 2 + FLOOR_METRES;
  let found = 0;
  for (let i = 0; i < 3 * count; i += 3)
    if (positions[i + 2]! > floor && isInside(positions[i]!, positions[i + 1]!, positions[i + 2]!)) found++;
  return found;
}
