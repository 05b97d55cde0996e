/**
 * The network's answer to a hint: one proposal from a click (none for a drawn box), then passes that move the box's faces.
 * Thread-agnostic: whoever owns the ONNX sessions hands in two functions.
 */
import type { Box, Vec3 } from './box.ts';
import { contains, iou3d, wrapAngle } from './box.ts';
import { decodePropose, decodeRefine } from './decode.ts';
import type { Features, Question } from './features.ts';
import {
  PROPOSE_GLOBALS,
  PROPOSE_POINT,
  proposeFeatures,
  REFINE_GLOBALS,
  REFINE_POINT,
  refineFeatures,
} from './features.ts';
import type { GroundPlane } from './ground.ts';
import { estimateGround, groundHeight } from './ground.ts';
import { checkFinite, nearestPoint, pointInSphere, requirePoints } from './hint-points.ts';
import { NoNetworkAnswer } from './no-network-answer.ts';
import { Sampler } from './sample.ts';
import { secondStarts, settle } from './second-look.ts';
import type { FitAnswer, FitRequest, Hint, ObjectClass, SideClick } from './types.ts';
import { OBJECT_CLASSES } from './types.ts';

/** How far around a hint the crop should reach (from the click, from a sphere's centre, from a box's centre), in metres. The ground fit uses the rim. */
export const CONTEXT_RADIUS_METRES = 15;
/** Points that each pass looks at, at most. */
export const NETWORK_POINTS = 256;
const PASSES = 3;
/** Ground is fitted anew when the box stands farther than this from where it was fitted. */
const GROUND_REUSE = 0.75;
/** Classes of unlike sizes, to propose for when runners-up are wanted. */
const GUESSES: readonly ObjectClass[] = ['car', 'truck', 'pedestrian', 'cyclist', 'other'];
/** Spheres are drawn larger than what is in them by this factor (radius to half the diagonal), more or less by this logarithm. */
const SPHERE_ROOM = 1.07;
const SPHERE_LOOSE = 0.15;
/** What a doubtful size takes from a score, for each unit of the logarithm; from held-out simulation. */
const SIZE_WEIGHT = 0.6;
/** Boxes that overlap by this much (3D IoU) are the same answer. */
const SAME = 0.7;

/** A float32 tensor. */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** One ONNX session behind a narrow seam: inputs `points` [1, N, F] and `globals` [1, G], outputs by name. */
export type RunNetwork = (feeds: {
  readonly points: Tensor;
  readonly globals: Tensor;
}) => Promise<{ readonly out: Tensor; readonly mask: Tensor }>;

export interface NetworkAnswer extends FitAnswer {
  /** Logit of "belongs to the object" for some of the crop's points: which points, and how sure. From the last pass. */
  readonly mask: { readonly index: Int32Array; readonly logits: Float32Array };
}

export interface NetworkOptions {
  /** Points per pass. */
  readonly points?: number;
  /** Passes of the refining network. */
  readonly passes?: number;
}

export class NetworkFit {
  readonly #propose: RunNetwork;
  readonly #refine: RunNetwork;
  readonly #points: number;
  readonly #passes: number;
  readonly #sampler = new Sampler();

  constructor(propose: RunNetwork, refine: RunNetwork, options: NetworkOptions = {}) {
    this.#propose = propose;
    this.#refine = refine;
    this.#points = options.points ?? NETWORK_POINTS;
    this.#passes = options.passes ?? PASSES;
  }

  /** @throws NoNetworkAnswer where there is nothing to go by */
  async fit(request: FitRequest): Promise<NetworkAnswer> {
    const tried: Refined[] = [];
    for (const start of await this.#starts(request)) tried.push(...(await this.#sound(start)));
    const start = bestOf(tried);
    if (start === null) throw new NoNetworkAnswer('no points in the box');
    const looks = await this.#secondLooks(request, start);
    tried.push(...looks);
    const first = settle(start, looks);
    const wanted = request.alternatives ?? 0;
    const isDoubtful = sizeDoubt(first, request) > 0;
    const found = wanted > 0 || isDoubtful ? await this.#runnersUp(request, first, tried) : [];
    const best = isDoubtful ? bestSized([first, ...found], request) : first;
    const others = [first, ...found].filter((other) => other !== best);
    const { ground } = best;
    return {
      ...answerOf(best, request),
      ground: ground ? groundHeight(ground, best.box.center[0], best.box.center[1]) : null,
      mask: best.mask,
      alternatives: others.slice(0, wanted).map((other) => answerOf(other, request)),
    };
  }

  /** Where refinement begins: at a proposal, at the drawn box, of a lasso at both. */
  async #starts(request: FitRequest): Promise<Start[]> {
    const { hint } = request;
    switch (hint.type) {
      case 'box':
        return [drawn(request, hint.box)];
      case 'click':
        requirePoints(request.crop, hint.position);
        return [await this.#proposed(request, hint.position, hint.also)];
      case 'sphere':
        return [await this.#proposed(request, pointInSphere(request.crop, hint.center, hint.radius), [])];
      case 'lasso': {
        const clicked = await this.#proposed(request, hint.click, []);
        return hint.outline === null ? [clicked] : [clicked, drawn(request, hint.outline)];
      }
    }
  }

  /** The box to start from at a click. `guess`: a class to propose for, if the annotator told none. */
  async #proposed(
    request: FitRequest,
    click: Vec3,
    also: readonly SideClick[],
    guess: ObjectClass | null = null,
  ): Promise<Start> {
    checkFinite(click);
    const { crop } = request;
    const clicks = [{ position: click, inside: true }, ...also];
    const ground = estimateGround(crop.positions, crop.count, [click[0], click[1]]);
    const question = ask(request, ground, clicks, request.others);
    const asked = { ...question, class: request.class ?? guess };
    const features = proposeFeatures(asked, click, this.#points, this.#sampler);
    if (features.used === 0) throw new NoNetworkAnswer('no points near the click');
    const { out } = await this.#propose(feeds(features, PROPOSE_POINT, PROPOSE_GLOBALS));
    return { question, seed: sized(decodePropose(out.data, click, question), request) };
  }

  /** What other starts lead to, where the answer to a click is doubtful. */
  async #secondLooks(request: FitRequest, first: Refined): Promise<Refined[]> {
    const { hint } = request;
    if (hint.type !== 'click' || request.class !== null) return [];
    const found: Refined[] = [];
    for (const how of secondStarts(OBJECT_CLASSES[first.class]!, first.score)) {
      const start =
        how === 'turned'
          ? quarter(request, first)
          : await this.#proposed(request, hint.position, hint.also, how);
      found.push(...(await this.#sound(start)));
    }
    return found;
  }

  /**
   * Other answers than the best, which overlap neither it nor each other much: what comes of other starts. Those are proposals for
   * other classes, and the best box turned by a quarter.
   */
  async #runnersUp(request: FitRequest, best: Refined, tried: readonly Refined[]): Promise<Refined[]> {
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

  /** What a start leads to; nothing if no point is near it or its box is no box. */
  async #sound({ question, seed }: Start): Promise<Refined[]> {
    const refined = await this.#refined(question, seed);
    return refined !== null && isSound(refined.box) ? [refined] : [];
  }

  /** A box after all passes; null if no point is near it. */
  async #refined(question: Question, seed: Box): Promise<Refined | null> {
    const { positions, count, size } = question;
    const [from] = question.clicks;
    let refined: Refined | null = null;
    let box = seed;
    let { ground } = question;
    let fittedAt = from ? from.position : seed.center;
    for (let pass = 0; pass < this.#passes; pass++) {
      if (Math.hypot(box.center[0] - fittedAt[0], box.center[1] - fittedAt[1]) > GROUND_REUSE) {
        fittedAt = box.center;
        ground = estimateGround(positions, count, [fittedAt[0], fittedAt[1]]) ?? ground;
      }
      const features = refineFeatures({ ...question, ground }, box, this.#points, this.#sampler);
      if (features.used === 0) break;
      const { out, mask } = await this.#refine(feeds(features, REFINE_POINT, REFINE_GLOBALS));
      const better = decodeRefine(out.data, box, size);
      box = better.box;
      refined = {
        ...better,
        question,
        ground,
        mask: { index: features.index, logits: mask.data.slice(0, features.used) },
      };
    }
    return refined;
  }
}

interface Refined {
  readonly question: Question;
  readonly box: Box;
  readonly score: number;
  /** Place in OBJECT_CLASSES. */
  readonly class: number;
  readonly ground: GroundPlane | null;
  readonly mask: NetworkAnswer['mask'];
}

/** A question, and the box that its refinement starts from. */
interface Start {
  readonly question: Question;
  readonly seed: Box;
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

/** A drawn box is where its own refinement starts. */
function drawn(request: FitRequest, box: Box): Start {
  checkFinite([...box.center, ...box.size, box.yaw]);
  const ground = estimateGround(request.crop.positions, request.crop.count, [box.center[0], box.center[1]]);
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
  request: FitRequest,
  ground: GroundPlane | null,
  clicks: readonly SideClick[],
  others: readonly Box[],
): Question {
  return {
    positions: request.crop.positions,
    count: request.crop.count,
    sensor: request.sensor,
    ground,
    clicks,
    others,
    class: request.class,
    size: request.size,
  };
}

function feeds(features: Features, width: number, globals: number): { points: Tensor; globals: Tensor } {
  return {
    points: { data: features.points, dims: [1, features.rows, width] },
    globals: { data: features.globals, dims: [1, globals] },
  };
}
