/**
 * Fits a box with the two networks: one proposal from a click (none for a drawn box), then refinement passes
 * that move its faces. The caller owns the ONNX sessions and passes in two functions that run them.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import { contains, iou3d, toBoxFrame, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { CropGrid, PROPOSE_POINT } from '../crop-grid/index.ts';
import {
  type FitAnswer,
  type FitRequest,
  followKept,
  type Hint,
  type KeptPart,
  type SideClick,
} from '../fit/index.ts';
import type { GroundPlane } from '../ground/index.ts';
import { groundHeight } from '../ground/index.ts';
import type { Profile } from '../profiles/index.ts';
import { countNearbyPoints, placeOf } from '../scores/index.ts';
import { conventionTensor } from './convention.ts';
import { decodePropose } from './decode.ts';
import type { Features, NetworkQuestion } from './features.ts';
import { PROPOSE_GLOBALS, proposeFeatures, withClass } from './features.ts';
import { checkFinite, nearestPoint, pointInSphere, requirePoints } from './hint-points.ts';
import { MIN_SCORE_GAIN, retryStarts } from './low-confidence-retry.ts';
import { NoNetworkAnswer } from './no-network-answer.ts';
import { type Refined, Refinement, type Start, type Underway } from './refinement.ts';
import { feeds, type RunNetwork } from './run-network.ts';
import type { Tensor } from './tensor.ts';

/**
 * Radius of the crop around a click, or around the centre of a sphere or box, metres. The networks look at
 * less; the ground fit uses the rim.
 */
export const CONTEXT_RADIUS_METRES = 15;
/** Most points that the proposing network takes. */
export const PROPOSAL_POINTS = 256;
/** Runners-up start from proposals for these classes, which differ in size. */
const RUNNER_UP_CLASSES: readonly ObjectClass[] = ['car', 'truck', 'pedestrian', 'cyclist', 'other'];
/**
 * Usual ratio of a drawn sphere's radius to half the object's diagonal, and how far its logarithm may differ
 * without doubt.
 */
const SPHERE_RATIO = 1.07;
const SPHERE_LOG_TOLERANCE = 0.15;
/**
 * Subtracted from the score for each unit of log size ratio beyond the tolerance. From held-out simulation.
 */
const SIZE_DOUBT_WEIGHT = 0.6;
/** A foreseen box is tried as a start if the hint lies in it or at most this far beside it, metres. */
const FORESIGHT_METRES = 1.5;
/** A drawn box with a longer side is larger than any object: it is treated as a sphere, metres. */
const LARGEST_START_METRES = 50;
/** Boxes with at least this 3D IoU count as the same answer. */
const SAME_ANSWER_IOU = 0.7;

export interface NetworkAnswer extends FitAnswer {
  readonly nearPoints: number;
  /** Object mask of the last pass. */
  readonly mask: Refined['mask'];
}

export class NetworkFit {
  readonly #propose: RunNetwork;
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
    this.#propose = propose;
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
      grid.load(request.crop.positions, request.crop.count);
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
    for (const start of [...(await this.#starts(request)), ...expected])
      tried.push(...(await this.#sound(start)));
    return tried;
  }

  /** Start boxes: a proposal, the drawn box, or both for a lasso. */
  async #starts(request: RunningFit): Promise<Start[]> {
    const { hint } = request;
    switch (hint.type) {
      case 'box':
        if (Math.max(...hint.box.size) > LARGEST_START_METRES) {
          const { center, size } = hint.box;
          const click = pointInSphere(request.crop, request.grid, center, Math.hypot(...size) / 2);
          return [await this.#proposed(request, click, [])];
        }
        return [drawn(request, hint.box)];
      case 'click':
        requirePoints(request.grid, hint.position);
        return [await this.#proposed(request, hint.position, hint.also)];
      case 'sphere':
        return [
          await this.#proposed(
            request,
            pointInSphere(request.crop, request.grid, hint.center, hint.radius),
            [],
          ),
        ];
      case 'lasso': {
        const clicked = await this.#proposed(request, hint.click, []);
        return hint.outline === null ? [clicked] : [clicked, drawn(request, hint.outline)];
      }
    }
  }

  /** The proposed box at a click. `guess` is the class to propose for if the annotator told none. */
  async #proposed(
    request: RunningFit,
    click: Vec3,
    also: readonly SideClick[],
    guess: ObjectClass | null = null,
  ): Promise<Start> {
    const known = request.byClick.get(click) ?? this.#clickFeatures(request, click, also);
    request.byClick.set(click, known);
    const question = { ...known.question, class: request.class };
    const features = withClass(known.features, request.class ?? guess);
    const { out } = await this.#propose(feeds(features, PROPOSE_POINT, PROPOSE_GLOBALS, question.convention));
    return { question, seed: sized(decodePropose(out.data, click, question), request) };
  }

  #clickFeatures(request: RunningFit, click: Vec3, also: readonly SideClick[]): ClickFeatures {
    checkFinite(click);
    const clicks = [{ position: click, inside: true }, ...also];
    const ground = request.grid.estimateGround([click[0], click[1]]);
    const question = ask(request, ground, clicks, request.others);
    const features = proposeFeatures(question, click, PROPOSAL_POINTS);
    if (features.used === 0) throw new NoNetworkAnswer('no points near the click');
    return { question, features: { ...features, points: features.points.slice() } };
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
          ? quarter(request, first)
          : await this.#proposed(request, hint.position, hint.also, how);
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
    const starts: Start[] = [quarter(request, best)];
    const click = clickOf(request, best.box);
    if (click !== null)
      for (const guess of request.class === null ? RUNNER_UP_CLASSES : [])
        if (guess !== OBJECT_CLASSES[best.class])
          starts.push(await this.#proposed(request, click.position, click.also, guess));
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

/** Features of a click that all proposals there share, whatever their class. */
interface ClickFeatures {
  readonly question: NetworkQuestion;
  readonly features: Features;
}

/** A request while it is fitted: its points in a grid, and the features that it has already computed. */
interface RunningFit extends FitRequest {
  readonly grid: CropGrid;
  readonly byClick: Map<Vec3, ClickFeatures>;
  /** The project's convention; null for networks that take none. */
  readonly convention: Tensor | null;
}

/**
 * For a sphere: how far the log ratio of its radius to the box's size is beyond the tolerance. 0 for other
 * hints.
 */
function sizeDoubt({ box }: Refined, { hint, size }: FitRequest): number {
  if (hint.type !== 'sphere' || size !== null) return 0;
  const reach = Math.hypot(...box.size) / 2;
  return Math.max(0, Math.abs(Math.log((SPHERE_RATIO * reach) / hint.radius)) - SPHERE_LOG_TOLERANCE);
}

/** The box with the highest score after a penalty for sizes that do not fit the sphere. */
function bestSized(found: readonly Refined[], request: FitRequest): Refined {
  const worth = (each: Refined) => each.score - SIZE_DOUBT_WEIGHT * sizeDoubt(each, request);
  return found.reduce((best, next) => (worth(next) > worth(best) ? next : best));
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

/** The start from a drawn box. */
function drawn(request: RunningFit, box: Box): Start {
  checkFinite([...box.center, ...box.size, box.yaw]);
  const ground = request.grid.estimateGround([box.center[0], box.center[1]]);
  // The list of drawn boxes may contain the one that is fitted again.
  const others = request.others.filter((other) => !contains(other, box.center));
  return { question: ask(request, ground, [], others), seed: sized(box, request) };
}

/** The same box turned by 90 degrees. */
function quarter(request: FitRequest, { box: { center, size, yaw }, question }: Refined): Start {
  const turned: Box = { center, size: [size[1], size[0], size[2]], yaw: yaw + Math.PI / 2 };
  return { question, seed: sized(turned, request) };
}

/** The box with the fixed size, if the request has one. */
function sized(box: Box, { size }: FitRequest): Box {
  return size ? { ...box, size } : box;
}

function ask(
  request: RunningFit,
  ground: GroundPlane | null,
  clicks: readonly SideClick[],
  others: readonly Box[],
): NetworkQuestion {
  return {
    grid: request.grid,
    sensor: request.sensor,
    ground,
    clicks,
    others,
    class: request.class,
    size: request.size,
    convention: request.convention,
  };
}
