/**
 * Boxes that refinement starts from: proposals of the network at a click, drawn boxes, boxes turned by 90
 * degrees.
 */
import { type Box, contains, type Vec3 } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';
import { PROPOSE_POINT } from '../../crop-grid/index.ts';
import type { FitRequest, SideClick } from '../../fit/index.ts';
import type { GroundPlane } from '../../ground/index.ts';
import { decodePropose } from '../decode.ts';
import { type NetworkQuestion, PROPOSE_GLOBALS, proposeFeatures, withClass } from '../features.ts';
import { NoNetworkAnswer } from '../no-network-answer.ts';
import type { Refined, Start } from '../refinement.ts';
import { feeds, type RunNetwork } from '../run-network.ts';
import { checkFinite, pointInSphere, requirePoints } from './hint-points.ts';
import type { ClickFeatures, RunningFit } from './running-fit.ts';

/** Most points that the proposing network takes. */
export const PROPOSAL_POINTS = 256;
/** A drawn box with a longer side is larger than any object: it is treated as a sphere, metres. */
const LARGEST_START_METRES = 50;

export class Starts {
  readonly #propose: RunNetwork;

  constructor(propose: RunNetwork) {
    this.#propose = propose;
  }

  /** Start boxes: a proposal, the drawn box, or both for a lasso. */
  async of(request: RunningFit): Promise<Start[]> {
    const { hint } = request;
    switch (hint.type) {
      case 'box':
        if (Math.max(...hint.box.size) > LARGEST_START_METRES) {
          const { center, size } = hint.box;
          const click = pointInSphere(request.crop, request.grid, center, Math.hypot(...size) / 2);
          return [await this.proposed(request, click, [])];
        }
        return [drawn(request, hint.box)];
      case 'click':
        requirePoints(request.grid, hint.position);
        return [await this.proposed(request, hint.position, hint.also)];
      case 'sphere':
        return [
          await this.proposed(
            request,
            pointInSphere(request.crop, request.grid, hint.center, hint.radius),
            [],
          ),
        ];
      case 'lasso': {
        const clicked = await this.proposed(request, hint.click, []);
        return hint.outline === null ? [clicked] : [clicked, drawn(request, hint.outline)];
      }
    }
  }

  /** The proposed box at a click. `guess` is the class to propose for if the annotator told none. */
  async proposed(
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
}

/**
 * The start from a drawn box.
 * @throws NoNetworkAnswer if a number of the box is not finite
 */
export function drawn(request: RunningFit, box: Box): Start {
  checkFinite([...box.center, ...box.size, box.yaw]);
  const ground = request.grid.estimateGround([box.center[0], box.center[1]]);
  // The list of drawn boxes may contain the one that is fitted again.
  const others = request.others.filter((other) => !contains(other, box.center));
  return { question: ask(request, ground, [], others), seed: sized(box, request) };
}

/** The same box turned by 90 degrees. */
export function quarterTurned(request: FitRequest, { box: { center, size, yaw }, question }: Refined): Start {
  const box: Box = { center, size: [size[1], size[0], size[2]], yaw: yaw + Math.PI / 2 };
  return { question, seed: sized(box, request) };
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
