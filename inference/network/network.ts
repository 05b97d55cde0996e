/**
 * The network's answer to a hint: one proposal from a click (none for a drawn box), then passes that move the box's faces.
 * Thread-agnostic: whoever owns the ONNX sessions hands in two functions.
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
import { countNearbyPoints, placeOf } from '../scores/index.ts';
import { decodePropose } from './decode.ts';
import type { Features, NetworkQuestion } from './features.ts';
import { PROPOSE_GLOBALS, proposeFeatures, withClass } from './features.ts';
import { checkFinite, nearestPoint, pointInSphere, requirePoints } from './hint-points.ts';
import { BETTER_BY, secondStarts } from './low-confidence-retry.ts';
import { NoNetworkAnswer } from './no-network-answer.ts';
import { type Refined, Refinement, type Start, type Underway } from './refinement.ts';
import { feeds, type RunNetwork } from './run-network.ts';

/** How far around a hint the crop should reach (from the click, from a sphere's centre, from a box's centre), in metres. The ground fit uses the rim. */
export const CONTEXT_RADIUS_METRES = 15;
/** Points that a proposal looks at, at most. */
export const PROPOSAL_POINTS = 256;
/** Classes of unlike sizes, to propose for when runners-up are wanted. */
const GUESSES: readonly ObjectClass[] = ['car', 'truck', 'pedestrian', 'cyclist', 'other'];
/** Spheres are drawn larger than what is in them by this factor (radius to half the diagonal), more or less by this logarithm. */
const SPHERE_ROOM = 1.07;
const SPHERE_LOOSE = 0.15;
/** What a doubtful size takes from a score, for each unit of the logarithm; from held-out simulation. */
const SIZE_WEIGHT = 0.6;
/** A foreseen box may stand this far from the object, metres. */
const FORESIGHT_METRES = 1.5;
/** A drawn box with a longer side is no object: what is in it is looked for as in a sphere, metres. */
const LARGEST_START_METRES = 50;
/** Boxes that overlap by this much (3D IoU) are the same answer. */
const SAME = 0.7;

export interface NetworkAnswer extends FitAnswer {
  readonly nearPoints: number;
  /** From the last pass. */
  readonly mask: Refined['mask'];
}

export class NetworkFit {
  readonly #propose: RunNetwork;
  readonly #refinement: Refinement;
  /** Free for the next fit. A fit waits while the network runs, so several may be under way, each with a grid of its own. */
  readonly #grids: CropGrid[] = [];

  constructor(propose: RunNetwork, refine: RunNetwork) {
    this.#propose = propose;
    this.#refinement = new Refinement(refine);
  }

  /** @throws NoNetworkAnswer where there is nothing to go by */
  async fit(request: FitRequest): Promise<NetworkAnswer> {
    const grid = this.#grids.pop() ?? new CropGrid();
    try {
      grid.load(request.crop.positions, request.crop.count);
      return await this.#fit({ ...request, grid, looks: new Map() });
    } finally {
      if (grid.isReusable) this.#grids.push(grid);
    }
  }

  async #fit(request: Asked): Promise<NetworkAnswer> {
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
   * The best answer, and all that were tried for it. A class that the annotator tells changes the box only where the networks find another
   * one: then they are asked again, with it. A drawn box says more about its size than a class does, and stays. (docs/experiments.md: told
   * in any case, cars came out no better, some sets of them worse.)
   */
  async #answered(request: Asked): Promise<{ first: Refined; tried: readonly Refined[] }> {
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

  /** What the hint's starts lead to. */
  async #tried(request: Asked): Promise<Refined[]> {
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

  /** Where refinement begins: at a proposal, at the drawn box, of a lasso at both. */
  async #starts(request: Asked): Promise<Start[]> {
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

  /** The box to start from at a click. `guess`: a class to propose for, if the annotator told none. */
  async #proposed(
    request: Asked,
    click: Vec3,
    also: readonly SideClick[],
    guess: ObjectClass | null = null,
  ): Promise<Start> {
    const look = request.looks.get(click) ?? this.#look(request, click, also);
    request.looks.set(click, look);
    const question = { ...look.question, class: request.class };
    const features = withClass(look.features, request.class ?? guess);
    const { out } = await this.#propose(feeds(features, PROPOSE_POINT, PROPOSE_GLOBALS));
    return { question, seed: sized(decodePropose(out.data, click, question), request) };
  }

  #look(request: Asked, click: Vec3, also: readonly SideClick[]): Look {
    checkFinite(click);
    const clicks = [{ position: click, inside: true }, ...also];
    const ground = request.grid.estimateGround([click[0], click[1]]);
    const question = ask(request, ground, clicks, request.others);
    const features = proposeFeatures(question, click, PROPOSAL_POINTS);
    if (features.used === 0) throw new NoNetworkAnswer('no points near the click');
    return { question, features: { ...features, points: features.points.slice() } };
  }

  /**
   * A better answer than a click's first one, where that is doubtful: of two other starts the one that scores better after a pass goes on.
   * Null if neither is clearly better.
   */
  async #lowConfidenceRetry(request: Asked, first: Refined): Promise<Refined | null> {
    const { hint } = request;
    if (hint.type !== 'click') return null;
    const enough = first.score + BETTER_BY;
    let best: Underway | null = null;
    let most = enough;
    for (const how of secondStarts(OBJECT_CLASSES[first.class]!, first.score)) {
      const start =
        how === 'turned'
          ? quarter(request, first)
          : await this.#proposed(request, hint.position, hint.also, how);
      const begun = await this.#refinement.begin(start);
      if (begun !== null && begun.score > most) [best, most] = [begun, begun.score];
    }
    const other = best && (await this.#refinement.finish(best));
    return other !== null && isSound(other.box) && other.score > enough ? other : null;
  }

  /**
   * Other answers than the best, which overlap neither it nor each other much: what comes of other starts. Those are proposals for
   * other classes, and the best box turned by a quarter.
   */
  async #runnersUp(request: Asked, best: Refined, tried: readonly Refined[]): Promise<Refined[]> {
    const found = tried.filter((other) => other !== best);
    const starts: Start[] = [quarter(request, best)];
    const click = clickOf(request, best.box);
    if (click !== null)
      for (const guess of request.class === null ? GUESSES : [])
        if (guess !== OBJECT_CLASSES[best.class])
          starts.push(await this.#proposed(request, click.position, click.also, guess));
    for (const start of starts) found.push(...(await this.#sound(start)));
    const kept = [best];
    for (const other of found.sort((a, b) => b.score - a.score))
      if (kept.every(({ box }) => iou3d(box, other.box) < SAME)) kept.push(other);
    return kept.slice(1);
  }

  /** What a start with kept parts leads to: fitted with them and without, since what the fit would change tells how it is off. */
  async #keeping(start: Start, keep: readonly KeptPart[]): Promise<Refined[]> {
    const [free] = await this.#sound(start);
    const [kept] = await this.#sound({ ...start, keep });
    if (free === undefined || kept === undefined) return [];
    return [{ ...kept, box: followKept(kept.box, free.box, start.seed, keep) }];
  }

  /** What a start leads to; nothing if no point is near it or its box is no box. */
  async #sound(start: Start): Promise<Refined[]> {
    const begun = await this.#refinement.begin(start);
    const refined = begun && (await this.#refinement.finish(begun));
    return refined !== null && isSound(refined.box) ? [refined] : [];
  }
}

/** What is seen from a click, whatever class is asked for. */
interface Look {
  readonly question: NetworkQuestion;
  readonly features: Features;
}

/** A request, its points in a grid, and what has been looked at for it. */
interface Asked extends FitRequest {
  readonly grid: CropGrid;
  readonly looks: Map<Vec3, Look>;
}

/** How far a box's size is from what a sphere round it says: the excess of the logarithm of their ratio. 0 for other hints. */
function sizeDoubt({ box }: Refined, { hint, size }: FitRequest): number {
  if (hint.type !== 'sphere' || size !== null) return 0;
  const reach = Math.hypot(...box.size) / 2;
  return Math.max(0, Math.abs(Math.log((SPHERE_ROOM * reach) / hint.radius)) - SPHERE_LOOSE);
}

/** The one with the highest score, less for boxes that are too large or small for the sphere. */
function bestSized(found: readonly Refined[], request: FitRequest): Refined {
  const worth = (each: Refined) => each.score - SIZE_WEIGHT * sizeDoubt(each, request);
  return found.reduce((best, next) => (worth(next) > worth(best) ? next : best));
}

/** The one with the highest score. */
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

/** The click that stands for the hint when something is proposed anew. */
function clickOf(
  { crop, hint }: FitRequest,
  box: Box,
): Pick<Extract<Hint, { type: 'click' }>, 'position' | 'also'> | null {
  if (hint.type === 'click') return hint;
  if (hint.type === 'lasso') return { position: hint.click, also: [] };
  const nearest = nearestPoint(crop, box.center);
  return nearest === null ? null : { position: nearest, also: [] };
}

/** Whether a place is in a box, or not farther beside it than a foreseen box may be off. */
function isAt({ center, size, yaw }: Box, place: Vec3): boolean {
  const [u, v] = toBoxFrame({ center, size, yaw }, place);
  return Math.abs(u) <= size[0] / 2 + FORESIGHT_METRES && Math.abs(v) <= size[1] / 2 + FORESIGHT_METRES;
}

/** A drawn box is where its own refinement starts. */
function drawn(request: Asked, box: Box): Start {
  checkFinite([...box.center, ...box.size, box.yaw]);
  const ground = request.grid.estimateGround([box.center[0], box.center[1]]);
  // The box that is fitted again may be among those that were drawn.
  const others = request.others.filter((other) => !contains(other, box.center));
  return { question: ask(request, ground, [], others), seed: sized(box, request) };
}

/** A found box turned by a quarter, for the same question. */
function quarter(request: FitRequest, { box: { center, size, yaw }, question }: Refined): Start {
  const turned: Box = { center, size: [size[1], size[0], size[2]], yaw: yaw + Math.PI / 2 };
  return { question, seed: sized(turned, request) };
}

/** The box with the size that the annotator fixed, if there is one. */
function sized(box: Box, { size }: FitRequest): Box {
  return size ? { ...box, size } : box;
}

function ask(
  request: Asked,
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
  };
}
