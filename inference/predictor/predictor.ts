/**
 * The product in one function: region -> tiles -> points -> box. Reads what the region and the fit need from the octree,
 * asks the engine, and reports the box in the cloud's own coordinates with what it cost.
 */
import { abortable, isNearboxError, NearboxError } from '../../cache/index.ts';
import type { CloudInfo, CloudReader, PointsView, ReadCost, ReadStage, Region } from '../../octree/index.ts';
import { type Box, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { EngineAnswer, FitEngine } from '../engine/index.ts';
import type { Alternative, Crop, FitRequest, Hint, LassoHint, ProfilePair, SideClick } from '../fit/index.ts';
import { readLasso } from '../lassos/index.ts';
import { CONTEXT_RADIUS_METRES } from '../network/index.ts';
import type { Profile } from '../profiles/index.ts';

/** How far past a loose box the fit looks: neighbours, ground and free space around it. */
const BOX_MARGIN_METRES = 5;

/** A region as a request says it, with a click's further clicks. */
export type HintRegion =
  | Exclude<Region, { readonly type: 'click' }>
  | { readonly type: 'click'; readonly position: Vec3; readonly also?: readonly SideClick[] | undefined };

type LassoRegion = Extract<HintRegion, { type: 'polygon' | 'frustum' }>;
type PlaceRegion = Exclude<HintRegion, LassoRegion>;

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
  /** What to do if the network cannot answer in time: refuse, or fit geometrically. Default: `none`. */
  readonly fallback?: 'none' | 'geometric' | undefined;
  readonly signal: AbortSignal;
  /** On the clock of performance.now(), milliseconds. */
  readonly deadline: number;
  /** Told of the stages that have ended, in their order; each begins where the one before it ended. */
  readonly onStage?: ((stage: PredictionStage) => void) | undefined;
}

/** A stage of a prediction, and how long it took, milliseconds. */
export interface PredictionStage {
  readonly stage: ReadStage['stage'] | 'crop' | 'queue' | 'infer';
  readonly ms: number;
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
  /** The score before it was calibrated, where the network answered. */
  readonly rawScore?: number | undefined;
  /** How many points there are where the hint points, where the network answered. */
  readonly nearPoints?: number | undefined;
  readonly method: 'model' | 'geometric';
  readonly fallback: string | undefined;
  /** There if a lasso on the screen was not read to its end; `points.region` counts what was read. */
  readonly truncated?: true;
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
  readonly alternatives: readonly Alternative[];
}

export interface PredictorOptions {
  /** The label profiles that questions may name. Default: none. */
  readonly profiles?: ReadonlyMap<string, Profile>;
  /** What profiles are compared with. Needed with `profiles`. */
  readonly trainingProfile?: Profile | null;
  /** Points of a lasso on the screen that are read, near-first; counted as those of whole nodes. Default: 1,000,000. */
  readonly lassoPoints?: number;
}

export const DEFAULT_LASSO_POINTS = 1_000_000;

/** What a question's points are: those for the fit, and what it took to read them. */
interface Look {
  readonly view: Pick<PointsView, 'cloud' | 'cost' | 'timings' | 'count' | 'verified'>;
  /** Points in the region; without any there is no answer. */
  readonly inRegion: number;
  readonly crop: Crop;
  readonly hint: Hint;
  readonly cropMs: number;
  readonly isTruncated: boolean;
}

/** Answers questions about clouds. Holds nothing of its own: the reader has the tiles, the engine has the network. */
export class Predictor {
  readonly #reader: CloudReader;
  readonly #engine: FitEngine;
  readonly #lassoPoints: number;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #trainingProfile: Profile | null;

  constructor(reader: CloudReader, engine: FitEngine, options: PredictorOptions = {}) {
    this.#reader = reader;
    this.#engine = engine;
    this.#profiles = options.profiles ?? new Map();
    this.#trainingProfile = options.trainingProfile ?? null;
    this.#lassoPoints = options.lassoPoints ?? DEFAULT_LASSO_POINTS;
  }

  /**
   * The box of the object at the hint.
   * @throws NearboxError `invalid_request` for a model or profile that is not there, `region_empty` if no point lies in the
   * region, and what the reader and the engine throw.
   */
  async predict(question: Question): Promise<Prediction> {
    this.#requireKnown(question);
    for (let attempt = 1; ; attempt++) {
      // Before anything is read: what cannot be answered in time is refused at once, and costs nothing.
      const entry = this.#enter(question);
      const look = await this.#look(question).finally(entry.arrive);
      const [answer] = await Promise.allSettled([this.#answer(question, look, entry.refusal)]);
      try {
        // Whether the points were of one version may take another round trip; the work on them does not wait for that, but the answer does.
        await abortable(look.view.verified, question.signal);
      } catch (error) {
        if (attempt > 1 || !isNearboxError(error, 'cloud_changed')) throw error;
        continue;
      }
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    }
  }

  /** Throws `region_empty`, and what the engine throws. */
  async #answer(question: Question, look: Look, refusal: string | null): Promise<Prediction> {
    const { onStage } = question;
    const { view, inRegion, crop, hint, cropMs, isTruncated } = look;
    if (inRegion === 0) throw emptyRegion(question);
    const { origin } = crop;
    const request: FitRequest = {
      ...fitRequest(question, crop, hint, view.cloud),
      profile: this.#profileOf(question),
    };
    const answer = await this.#fit(request, question, refusal);
    onStage?.({ stage: 'queue', ms: answer.queueMs });
    onStage?.({ stage: 'infer', ms: answer.inferMs });
    const box = moved(answer.box, origin);
    return {
      box,
      class: answer.class,
      score: answer.score,
      rawScore: answer.rawScore,
      nearPoints: answer.nearPoints,
      method: answer.method,
      fallback: answer.fallback,
      ...(isTruncated && { truncated: true }),
      points: { region: inRegion, inside: view.count({ type: 'box', ...box }) },
      ground: answer.ground === null ? null : answer.ground + origin[2],
      cloud: { id: view.cloud.id, version: view.cloud.version },
      model: this.#engine.model,
      cost: view.cost,
      timings: { ...view.timings, cropMs, queueMs: answer.queueMs, inferMs: answer.inferMs },
      alternatives: (answer.alternatives ?? []).map((other) => ({
        ...other,
        box: moved(other.box, origin),
      })),
    };
  }

  /** The points that the fit needs, and the hint among them. */
  async #look(question: Question): Promise<Look> {
    const { region, signal, onStage } = question;
    if (region.type === 'polygon' || region.type === 'frustum') return this.#lookAtLasso(question, region);
    const context = contextOf(region);
    const view = await this.#reader.read(question.cloud, [region, context], {
      signal,
      onStage,
      verifiesLater: true,
    });
    const cropStart = performance.now();
    const inRegion = view.count(region);
    const origin = regionCentre(region);
    const crop: Crop = { origin, ...view.crop(context, origin) };
    const hint = hintOf(region, origin);
    const cropMs = performance.now() - cropStart;
    onStage?.({ stage: 'crop', ms: cropMs });
    return { view, inRegion, crop, hint, cropMs, isTruncated: false };
  }

  /** Two reads: the lasso's own points tell where its object is, then what is around that. Of one version of the cloud, or it starts anew. */
  async #lookAtLasso(question: Question, region: LassoRegion, attempt = 1): Promise<Look> {
    const { cloud, signal, onStage } = question;
    const budget = region.type === 'frustum' ? { pointBudget: this.#lassoPoints } : {};
    const inside = await this.#reader.read(cloud, [region], { signal, onStage, ...budget });
    const lassoStart = performance.now();
    const lasso = readLasso(inside, region);
    if (lasso === null) throw emptyRegion(question);
    const lassoMs = performance.now() - lassoStart;
    onStage?.({ stage: 'crop', ms: lassoMs });
    const { origin, hint, count } = lasso;
    const context: Region = { type: 'sphere', center: origin, radius: lassoReach(hint) };
    const around = await this.#reader.read(cloud, [region, context], {
      signal,
      onStage,
      verifiesLater: true,
      ...budget,
    });
    if (around.cloud.version !== inside.cloud.version) {
      if (attempt < 2) return this.#lookAtLasso(question, region, attempt + 1);
      throw new NearboxError('cloud_changed', `${cloud} changed twice while it was read`);
    }
    const cropStart = performance.now();
    const crop: Crop = { origin, ...around.crop(context, origin) };
    const cropMs = performance.now() - cropStart;
    onStage?.({ stage: 'crop', ms: cropMs });
    return {
      view: both(inside, around),
      inRegion: count,
      crop,
      hint,
      cropMs: lassoMs + cropMs,
      isTruncated: inside.isTruncated,
    };
  }

  /** The version of a label profile: another one, other answers. null if there is none of the name. */
  profileVersion(name: string): string | null {
    return this.#profiles.get(name)?.version ?? null;
  }

  #profileOf({ profile }: Question): ProfilePair | null {
    const own = profile === null ? undefined : this.#profiles.get(profile);
    if (own === undefined || this.#trainingProfile === null) return null;
    return { own: own.classes, trainingProfile: this.#trainingProfile.classes };
  }

  /** Lets the question in; `refusal` is why not, where it may be answered without the network. */
  #enter({ method, fallback, deadline }: Question): { arrive: () => void; refusal: string | null } {
    if (method === 'geometric') return { arrive() {}, refusal: null };
    try {
      return { arrive: this.#engine.admit(deadline), refusal: null };
    } catch (error) {
      if (fallback !== 'geometric' || !isNearboxError(error, 'overloaded')) throw error;
      return { arrive() {}, refusal: error.message };
    }
  }

  async #fit(request: FitRequest, question: Question, refusal: string | null): Promise<EngineAnswer> {
    const { method, fallback, signal, deadline } = question;
    if (method === 'geometric') return this.#engine.fitGeometric(request);
    if (refusal !== null) return this.#engine.fitFallback(request, refusal, { signal, deadline });
    try {
      return await this.#engine.fit(request, { signal, deadline });
    } catch (error) {
      if (fallback !== 'geometric' || !isNearboxError(error, 'overloaded')) throw error;
      return this.#engine.fitFallback(request, error.message, { signal, deadline });
    }
  }

  #requireKnown({ model, profile }: Question): void {
    const { name, version } = this.#engine.model;
    const wrong = (path: string, message: string) =>
      new NearboxError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
    if (model !== null && model !== version)
      throw wrong('model', `there is no version ${model} of ${name}, only ${version}`);
    if (profile !== null && !this.#profiles.has(profile))
      throw wrong('profile', `there is no label profile ${JSON.stringify(profile)}`);
  }
}

/** Two reads of one cloud as one; the second needs what the first did and more. */
function both(first: PointsView, second: PointsView): Look['view'] {
  const { nodes } = second.cost;
  const origin = Math.min(nodes, first.cost.origin + second.cost.origin);
  const disk = Math.min(nodes - origin, first.cost.disk + second.cost.disk);
  return {
    cloud: second.cloud,
    cost: { nodes, bytes: first.cost.bytes + second.cost.bytes, memory: nodes - origin - disk, disk, origin },
    timings: {
      resolveMs: first.timings.resolveMs + second.timings.resolveMs,
      fetchMs: first.timings.fetchMs + second.timings.fetchMs,
      decodeMs: first.timings.decodeMs + second.timings.decodeMs,
    },
    count: (region) => second.count(region),
    verified: second.verified,
  };
}

function emptyRegion({ cloud, region }: Question): NearboxError {
  return new NearboxError('region_empty', `no point of ${cloud} lies in the ${region.type}`);
}

/** The middle of a region: where the crop's coordinates begin. */
function regionCentre(region: PlaceRegion): Vec3 {
  return region.type === 'click' ? region.position : region.center;
}

/** What the fit looks at: a sphere around the region's middle that reaches past a large box. */
function contextOf(region: PlaceRegion): Region {
  const reach = region.type === 'box' ? Math.hypot(...region.size) / 2 + BOX_MARGIN_METRES : 0;
  return { type: 'sphere', center: regionCentre(region), radius: Math.max(CONTEXT_RADIUS_METRES, reach) };
}

function lassoReach({ outline }: LassoHint): number {
  const reach = outline === null ? 0 : Math.hypot(...outline.size) / 2 + BOX_MARGIN_METRES;
  return Math.max(CONTEXT_RADIUS_METRES, reach);
}

function hintOf(region: PlaceRegion, origin: Vec3): Hint {
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
  }
}

function fitRequest(question: Question, crop: Crop, hint: Hint, cloud: CloudInfo): FitRequest {
  const { origin } = crop;
  const sensor = sensorOf(question.sensor, cloud, origin[2]);
  return {
    crop,
    hint,
    class: question.class,
    size: question.size,
    sensor: sensor === null ? null : minus(sensor, origin),
    others: question.others.map((box) => moved(box, minus([0, 0, 0], origin))),
    alternatives: question.alternatives,
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
