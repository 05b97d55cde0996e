/**
 * The product in one function: region -> tiles -> points -> box. Reads what the region and the fit need from the octree,
 * asks the engine, and reports the box in the cloud's own coordinates with what it cost.
 */
import { NearboxError } from '../cache/index.ts';
import type { CloudInfo, CloudReader, ReadCost, Region } from '../octree/index.ts';
import { type Box, type Vec3, wrapAngle } from './box.ts';
import type { FitEngine } from './engine.ts';
import { CONTEXT_RADIUS_METRES } from './network.ts';
import type { Crop, FitRequest, Hint, ObjectClass, SideClick } from './types.ts';

/** How far past a loose box the fit looks: neighbours, ground and free space around it. */
const BOX_MARGIN_METRES = 5;

/** A region as a request says it, with a click's further clicks. */
export type HintRegion =
  | Exclude<Region, { readonly type: 'click' }>
  | { readonly type: 'click'; readonly position: Vec3; readonly also?: readonly SideClick[] | undefined };

/** One question, in the cloud's coordinates. */
export interface Question {
  readonly cloud: string;
  readonly region: HintRegion;
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  /** Where the scanner stood; null: unknown; undefined: look at the cloud. */
  readonly sensor: Vec3 | null | undefined;
  readonly profile: string | null;
  /** Boxes already drawn. */
  readonly others: readonly Box[];
  readonly alternatives: number;
  /** A pinned model version, or null. */
  readonly model: string | null;
  /** Who is to answer. `geometric` leaves the network out: the baseline of the accuracy tables. Default: `model`. */
  readonly method?: 'model' | 'geometric';
  readonly signal: AbortSignal;
  /** On the clock of performance.now(), milliseconds. */
  readonly deadline: number;
}

/** What a question leaves open if it says no more than cloud, region and deadline. */
export const UNSAID = {
  class: null,
  size: null,
  sensor: undefined,
  profile: null,
  others: [],
  alternatives: 0,
  model: null,
} as const satisfies Partial<Question>;

/** One answer, in the cloud's coordinates. */
export interface Prediction {
  readonly box: Box;
  readonly class: ObjectClass;
  readonly score: number;
  readonly method: 'model' | 'geometric';
  readonly fallback: string | undefined;
  readonly points: { readonly region: number; readonly inside: number };
  readonly ground: number | null;
  readonly cloud: { readonly id: string; readonly version: string };
  readonly model: { readonly name: string; readonly version: string };
  readonly cost: ReadCost;
  readonly timings: {
    readonly resolveMs: number;
    readonly fetchMs: number;
    readonly decodeMs: number;
    readonly cropMs: number;
    readonly queueMs: number;
    readonly inferMs: number;
  };
  readonly alternatives: readonly Box[];
}

/** Answers questions about clouds. Holds nothing of its own: the reader has the tiles, the engine has the network. */
export class Predictor {
  readonly #reader: CloudReader;
  readonly #engine: FitEngine;

  constructor(reader: CloudReader, engine: FitEngine) {
    this.#reader = reader;
    this.#engine = engine;
  }

  /**
   * The box of the object at the hint.
   * @throws NearboxError `invalid_request` for a model or profile that is not there, `region_empty` if no point lies in the
   * region, and what the reader and the engine throw.
   */
  async predict(question: Question): Promise<Prediction> {
    this.#requireKnown(question);
    const { region, signal } = question;
    const context = contextOf(region);
    const view = await this.#reader.read(question.cloud, [region, context], { signal });
    const cropStart = performance.now();
    const inRegion = view.count(region);
    if (inRegion === 0)
      throw new NearboxError('region_empty', `no point of ${question.cloud} lies in the ${region.type}`);
    const origin = regionCentre(region);
    const crop: Crop = { origin, ...view.crop(context, origin) };
    const cropMs = performance.now() - cropStart;
    const request = fitRequest(question, crop, view.cloud);
    const answer =
      question.method === 'geometric'
        ? this.#engine.fitGeometric(request)
        : await this.#engine.fit(request, { signal, deadline: question.deadline });
    const box = moved(answer.box, origin);
    return {
      box,
      class: answer.class,
      score: answer.score,
      method: answer.method,
      fallback: answer.fallback,
      points: { region: inRegion, inside: view.count({ type: 'box', ...box }) },
      ground: answer.ground === null ? null : answer.ground + origin[2],
      cloud: { id: view.cloud.id, version: view.cloud.version },
      model: this.#engine.model,
      cost: view.cost,
      timings: { ...view.timings, cropMs, queueMs: answer.queueMs, inferMs: answer.inferMs },
      alternatives: [],
    };
  }

  #requireKnown({ model, profile }: Question): void {
    const { name, version } = this.#engine.model;
    const wrong = (path: string, message: string) =>
      new NearboxError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
    if (model !== null && model !== version)
      throw wrong('model', `there is no version ${model} of ${name}, only ${version}`);
    if (profile !== null) throw wrong('profile', `there is no label profile ${profile}`);
  }
}

/** The middle of a region: where the crop's coordinates begin. */
function regionCentre(region: HintRegion): Vec3 {
  switch (region.type) {
    case 'click':
      return region.position;
    case 'sphere':
    case 'box':
      return region.center;
    default:
      throw notBuilt(region);
  }
}

/** What the fit looks at: a sphere around the region's middle that reaches past a large box. */
function contextOf(region: HintRegion): Region {
  const reach = region.type === 'box' ? Math.hypot(...region.size) / 2 + BOX_MARGIN_METRES : 0;
  return { type: 'sphere', center: regionCentre(region), radius: Math.max(CONTEXT_RADIUS_METRES, reach) };
}

function hintOf(region: HintRegion, origin: Vec3): Hint {
  switch (region.type) {
    case 'click':
      return {
        type: 'click',
        position: minus(region.position, origin),
        also: (region.also ?? []).map(({ position, inside }) => ({
          position: minus(position, origin),
          inside,
        })),
      };
    case 'sphere':
      return { type: 'sphere', center: minus(region.center, origin), radius: region.radius };
    case 'box': {
      const { center, size, yaw } = region;
      return { type: 'box', box: moved({ center, size, yaw }, minus([0, 0, 0], origin)) };
    }
    default:
      throw notBuilt(region);
  }
}

function notBuilt(region: Region): NearboxError {
  return new NearboxError(
    'not_implemented',
    `predictions for a region of type ${region.type} are not built yet`,
  );
}

function fitRequest(question: Question, crop: Crop, cloud: CloudInfo): FitRequest {
  const { origin } = crop;
  const sensor = sensorOf(question.sensor, cloud, origin[2]);
  return {
    crop,
    hint: hintOf(question.region, origin),
    class: question.class,
    size: question.size,
    sensor: sensor === null ? null : minus(sensor, origin),
    others: question.others.map((box) => moved(box, minus([0, 0, 0], origin))),
  };
}

/**
 * Where the scanner stood: what the question says, else what the cloud's metadata say, else x = y = 0 if that lies inside the
 * bounds. The height of the last is not known; the fits use x and y alone and take heights from the ground.
 */
function sensorOf(asked: Vec3 | null | undefined, cloud: CloudInfo, height: number): Vec3 | null {
  if (asked !== undefined) return asked;
  if (cloud.sensor !== null) return cloud.sensor;
  const { min, max } = cloud.bounds;
  return min[0] <= 0 && max[0] >= 0 && min[1] <= 0 && max[1] >= 0 ? [0, 0, height] : null;
}

function minus(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function moved(box: Box, by: Vec3): Box {
  const { center, size, yaw } = box;
  return { center: [center[0] + by[0], center[1] + by[1], center[2] + by[2]], size, yaw: wrapAngle(yaw) };
}
