/**
 * Fits a box with the two networks: one proposal from a click (none for a drawn box), then refinement passes
 * that move its faces. The caller owns the ONNX sessions and passes in two functions that run them.
 */
import { inSlices, nextSlice } from '../../cache/foundation/index.ts';
import type { Box, Vec3 } from '../boxes/index.ts';
import { iou3d, toBoxFrame, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { CropGrid } from '../crop-grid/index.ts';
import { type FitAnswer, type FitRequest, followKept, type Hint, type KeptPart } from '../fit/index.ts';
import { groundHeight } from '../ground/index.ts';
import type { Profile } from '../profiles/index.ts';
import { countNearbyPoints, placeOf } from '../scores/index.ts';
import { conventionTensor } from './convention.ts';
import { MIN_SCORE_GAIN, retryStarts } from './low-confidence-retry.ts';
import { NoNetworkAnswer } from './no-network-answer.ts';
import { type Refined, Refinement, type Start, type Underway } from './refinement.ts';
import type { RunNetwork } from './run-network.ts';
import { bestSized, sizeDoubt } from './sphere-doubt.ts';
import { drawn, nearestPoint, quarterTurned, type RunningFit, Starts } from './starts/index.ts';

/**
 * Radius of the crop around a click, or around the centre of a sphere or box, metres. The networks look at
 * less; the ground fit uses the rim.
 */
export const CONTEXT_RADIUS_METRES = 15;
/** Runners-up start from proposals for these classes, which differ in size. */
const RUNNER_UP_CLASSES: readonly ObjectClass[] = ['car', 'truck', 'pedestrian', 'cyclist', 'other'];
/** A foreseen box is tried as a start if the hint lies in it or at most this far beside it, metres. */
const FORESIGHT_METRES = 1.5;
/** Crops of more points take more than a slice to look through, once they are loaded. */
const MANY_POINTS = 500_000;
/** Boxes with at least this 3D IoU count as the same answer. */
const SAME_ANSWER_IOU = 0.7;

export interface NetworkAnswer extends FitAnswer {
  readonly nearPoints: number;
  /** Object mask of the last pass. */
  readonly mask: Refined['mask'];
}

export class NetworkFit {
  readonly #starts: Starts;
  readonly #refinement: Refinement;
  readonly #reference: Profile['classes'] | null;
  /**
   * Grids that no fit uses now. Fits may interleave while the network runs, so each takes a grid of its own.
   */
  readonly #grids: CropGrid[] = [];

  /**
   * @param reference what a profile is compared with, for networks that take the project's convention; null
   *   for those that take none
   */
  constructor(propose: RunNetwork, refine: RunNetwork, reference: Profile['classes'] | null = null) {
    this.#starts = new Starts(propose);
    this.#refinement = new Refinement(refine);
    this.#reference = reference;
  }

  /** Whether the networks themselves heed a request's profile. */
  get heedsProfile(): boolean {
    return this.#reference !== null;
  }

  /** @throws NoNetworkAnswer if there are no points at the hint, or the hint is not finite */
  async fit(request: FitRequest): Promise<NetworkAnswer> {
    const grid = this.#grids.pop() ?? new CropGrid();
    try {
      const { positions, count } = request.crop;
      await inSlices(grid.loading(positions, count));
      // What follows is a long slice of its own where there are very many points.
      if (count > MANY_POINTS) await nextSlice();
      const convention = this.#reference && conventionTensor(request.profile?.own ?? null, this.#reference);
      return await this.#fit({ ...request, grid, byClick: new Map(), convention });
    } finally {
      if (grid.isReusable) this.#grids.push(grid);
    }
  }

  async #fit(request: RunningFit): Promise<NetworkAnswer> {
    const { first, tried } = await this.#answered(request);
    const wanted = request.keep && request.keep.length > 0 ? 0 : (request.alternatives ?? 0);
    const isDoubtful = sizeDoubt(first, request) > 0;
    const found = wanted > 0 || isDoubtful ? await this.#runnersUp(request, first, tried) : [];
    const best = isDoubtful ? bestSized([first, ...found], request) : first;
    const others = [first, ...found].filter((other) => other !== best);
    const [x, y] = best.box.center;
    const ground = best.ground && groundHeight(best.ground, x, y);
    return {
      ...answerOf(best, request),
      ground,
      nearPoints: countNearbyPoints(request.grid, request.hint, ground),
      mask: best.mask,
      alternatives: others.slice(0, wanted).map((other) => answerOf(other, request)),
    };
  }

  /**
   * The best box, and all boxes that were tried. A told class is used only if the networks find another
   * class, and never for a drawn box, whose size says more than a class does. Always using it made some sets
   * of cars worse (docs/experiments.md).
   */
  async #answered(request: RunningFit): Promise<{ first: Refined; tried: readonly Refined[] }> {
    const free = { ...request, class: null };
    const tried = await this.#tried(free);
    const start = bestOf(tried);
    if (start === null) throw new NoNetworkAnswer('no points in the box');
    const second = await this.#lowConfidenceRetry(free, start);
    const first = second ?? start;
    if (second !== null) tried.push(second);
    const isToldOther = request.class !== null && OBJECT_CLASSES[first.class] !== request.class;
    if (isToldOther && request.hint.type !== 'box') {
      const again = await this.#tried(request);
      const told = bestOf(again);
      if (told !== null) return { first: told, tried: again };
    }
    return { first, tried };
  }

  /** Refines every start of the hint. */
  async #tried(request: RunningFit): Promise<Refined[]> {
    const tried: Refined[] = [];
    const { hint, keep = [] } = request;
    if (hint.type === 'box' && keep.length > 0) return this.#keeping(drawn(request, hint.box), keep);
    const expected = (request.expected ?? [])
      .filter((box) => isAt(box, placeOf(hint)))
      .map((box) => drawn(request, box));
    for (const start of [...(await this.#starts.of(request)), ...expected])
      tried.push(...(await this.#sound(start)));
    return tried;
  }

  /**
   * For a click whose first box has a low score: refines three other starts by one pass each, then the best
   * one to the end. Returns null unless its score is clearly higher than the first.
   */
  async #lowConfidenceRetry(request: RunningFit, first: Refined): Promise<Refined | null> {
    const { hint } = request;
    if (hint.type !== 'click') return null;
    const neededScore = first.score + MIN_SCORE_GAIN;
    let best: Underway | null = null;
    let bestScore = neededScore;
    for (const how of retryStarts(OBJECT_CLASSES[first.class]!, first.score)) {
      const start =
        how === 'turned'
          ? quarterTurned(request, first)
          : await this.#starts.proposed(request, hint.position, hint.also, how);
      const begun = await this.#refinement.begin(start);
      if (begun !== null && begun.score > bestScore) [best, bestScore] = [begun, begun.score];
    }
    const other = best && (await this.#refinement.finish(best));
    return other !== null && isSound(other.box) && other.score > neededScore ? other : null;
  }

  /**
   * Runners-up that overlap neither the best box nor each other much. They come from proposals for other
   * classes and from the best box turned by 90 degrees.
   */
  async #runnersUp(request: RunningFit, best: Refined, tried: readonly Refined[]): Promise<Refined[]> {
    const found = tried.filter((other) => other !== best);
    const starts: Start[] = [quarterTurned(request, best)];
    const click = clickOf(request, best.box);
    if (click !== null)
      for (const guess of request.class === null ? RUNNER_UP_CLASSES : [])
        if (guess !== OBJECT_CLASSES[best.class])
          starts.push(await this.#starts.proposed(request, click.position, click.also, guess));
    for (const start of starts) found.push(...(await this.#sound(start)));
    const kept = [best];
    for (const other of found.sort((a, b) => b.score - a.score))
      if (kept.every(({ box }) => iou3d(box, other.box) < SAME_ANSWER_IOU)) kept.push(other);
    return kept.slice(1);
  }

  /**
   * Refines a start twice, with the kept parts and without: the difference tells where the free faces are
   * off.
   */
  async #keeping(start: Start, keep: readonly KeptPart[]): Promise<Refined[]> {
    const [free] = await this.#sound(start);
    const [kept] = await this.#sound({ ...start, keep });
    if (free === undefined || kept === undefined) return [];
    return [{ ...kept, box: followKept(kept.box, free.box, start.seed, keep) }];
  }

  /** The refined box; empty if no point is near the start or a coordinate is not finite. */
  async #sound(start: Start): Promise<Refined[]> {
    const begun = await this.#refinement.begin(start);
    const refined = begun && (await this.#refinement.finish(begun));
    return refined !== null && isSound(refined.box) ? [refined] : [];
  }
}

/** The box with the highest score; null if there is none. */
function bestOf(tried: readonly Refined[]): Refined | null {
  let best: Refined | null = null;
  for (const each of tried) if (best === null || each.score > best.score) best = each;
  return best;
}

function isSound({ center, size, yaw }: Box): boolean {
  return [...center, ...size, yaw].every(Number.isFinite);
}

function answerOf({ box, ...refined }: Refined, request: FitRequest) {
  return {
    box: { center: box.center, size: request.size ?? box.size, yaw: wrapAngle(box.yaw) },
    class: request.class ?? OBJECT_CLASSES[refined.class]!,
    score: refined.score,
  };
}

/** A click to propose at, for any kind of hint. */
function clickOf(
  { crop, hint }: FitRequest,
  box: Box,
): Pick<Extract<Hint, { type: 'click' }>, 'position' | 'also'> | null {
  if (hint.type === 'click') return hint;
  if (hint.type === 'lasso') return { position: hint.click, also: [] };
  const nearest = nearestPoint(crop, box.center);
  return nearest === null ? null : { position: nearest, also: [] };
}

/** Whether a place lies in the box or at most `FORESIGHT_METRES` beside it, seen from above. */
function isAt({ center, size, yaw }: Box, place: Vec3): boolean {
  const [u, v] = toBoxFrame({ center, size, yaw }, place);
  return Math.abs(u) <= size[0] / 2 + FORESIGHT_METRES && Math.abs(v) <= size[1] / 2 + FORESIGHT_METRES;
}
