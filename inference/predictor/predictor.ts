/**
 * The product in one function: region -> tiles -> points -> box. Reads the points that the region and the fit
 * need from the octree, asks the engine, and reports the box in the cloud's own coordinates with its cost.
 */
import { abortable, isNearboxError, NearboxError } from '../../cache/index.ts';
import type { CloudInfo, CloudReader } from '../../octree/index.ts';
import { type Box, minus, type Vec3 } from '../boxes/index.ts';
import { type EngineAnswer, type FitEngine, namedModel, noModel } from '../engine/index.ts';
import { type FitRequest, keepParts, type ProfilePair } from '../fit/index.ts';
import type { ModelIdentity } from '../network/index.ts';
import { namedProfile, type Profile, type ProfileFile } from '../profiles/index.ts';
import { ScannerPlaces } from '../scanner/index.ts';
import { shifted } from './hint-of-region.ts';
import { extentWith, insideCloud } from './inside-cloud.ts';
import type { Prediction } from './prediction.ts';
import { type Foreseen, facingAs, foresee } from './previous-boxes.ts';
import type { Question } from './question.ts';
import { emptyRegion, type QuestionPoints, readAgain, readQuestionPoints } from './question-points.ts';

export interface PredictorOptions {
  /** The label profiles that questions may name. Default: none. */
  readonly profiles?: ReadonlyMap<string, Profile>;
  /**
   * The profile of the training labels, which profiles are compared with. Without it a question with a
   * profile is an error.
   */
  readonly trainingProfile?: Profile | null;
  /**
   * Points of a lasso on the screen that are read, near-first; counted as those of whole nodes. Default:
   * 1,000,000.
   */
  readonly lassoPoints?: number;
}

const DEFAULT_LASSO_POINTS = 1_000_000;

/** Answers questions about clouds. Stateless: the reader holds the tiles, the engine holds the network. */
export class Predictor {
  readonly #reader: CloudReader;
  readonly #scanners: ScannerPlaces;
  readonly #engine: FitEngine;
  readonly #lassoPoints: number;
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #trainingProfile: Profile | null;

  constructor(reader: CloudReader, engine: FitEngine, options: PredictorOptions = {}) {
    this.#reader = reader;
    this.#scanners = new ScannerPlaces(reader);
    this.#engine = engine;
    this.#profiles = options.profiles ?? new Map();
    this.#trainingProfile = options.trainingProfile ?? null;
    this.#lassoPoints = options.lassoPoints ?? DEFAULT_LASSO_POINTS;
  }

  /**
   * The box of the object at the hint.
   * @throws NearboxError `invalid_request` for a model or profile that is not there and for fields that do
   *   not go together, `region_empty` if no point lies in the region, and what the reader and the engine
   *   throw.
   */
  async predict(question: Question): Promise<Prediction> {
    this.#requireSound(question);
    for (let attempt = 1; ; attempt++) {
      // A question that cannot be answered in time is refused before anything is read.
      const entry = this.#enter(question);
      const points = await this.#readPoints(question).finally(entry.arrive);
      const [answer] = await Promise.allSettled([this.#answer(question, points, entry.refusal)]);
      points.view.release();
      try {
        // Verifying that all points are of one version may take another round trip. The fit runs meanwhile,
        // the answer waits.
        await abortable(points.view.verified, question.signal);
      } catch (error) {
        if (attempt > 1 || !isNearboxError(error, 'cloud_changed')) throw error;
        continue;
      }
      if (answer.status === 'rejected') throw answer.reason;
      return answer.value;
    }
  }

  /** The question's points; afterwards the place of the cloud's scanner is known where it can be. */
  async #readPoints(question: Question): Promise<QuestionPoints> {
    const read = () => readQuestionPoints(this.#reader, question, this.#lassoPoints);
    if (question.sensor !== undefined) return read();
    const [points, first] = await this.#scanners.withPlaces(read, ({ view }) => view, question.signal);
    return first === undefined ? points : readAgain(first, points);
  }

  /** @throws NearboxError `region_empty`, and what the engine throws */
  async #answer(question: Question, points: QuestionPoints, refusal: string | null): Promise<Prediction> {
    const { onStage, previous, keep, size } = question;
    const { view, inRegion, crop, cropMs, isTruncated } = points;
    if (inRegion === 0) throw emptyRegion(question);
    const { origin } = crop;
    // An annotator who places faces says more about this box than other frames do.
    const isForeseen = previous.length > 0 && keep.length === 0;
    const foreseen = isForeseen ? foresee(previous, frameOf(question, view.cloud)) : null;
    const { sensor = this.#scanners.known(view.cloud, origin[2]) ?? null } = question;
    const request = { ...fitRequest(question, points, foreseen, sensor), profile: this.#profileOf(question) };
    const extent = extentWith(view.cloud.bounds, crop);
    const answer = await this.#fit(request, question, refusal);
    onStage?.({ stage: 'queue', ms: answer.queueMs });
    onStage?.({ stage: 'infer', ms: answer.inferMs });
    const place = (found: Box) => placed(shifted(found, origin), question, extent, foreseen);
    const box = place(answer.box);
    const inside = await view.countInSlices({ type: 'box', ...box }, { signal: question.signal });
    return {
      box,
      class: answer.class,
      score: answer.score,
      rawScore: answer.rawScore,
      nearPoints: answer.nearPoints,
      method: answer.method,
      fallback: answer.fallback,
      ...(foreseen !== null && size === null && { sizeFrom: foreseen.sizeFrom }),
      ...(isTruncated && { truncated: true }),
      points: { region: inRegion, inside },
      ground: answer.ground === null ? null : answer.ground + origin[2],
      cloud: { id: view.cloud.id, version: view.cloud.version },
      model: this.#modelOf(question),
      cost: view.cost,
      timings: { ...view.timings, cropMs, queueMs: answer.queueMs, inferMs: answer.inferMs },
      alternatives: (answer.alternatives ?? []).map((other) => ({ ...other, box: place(other.box) })),
    };
  }

  /** A hash of a label profile's content; null if no profile has this name. */
  profileVersion(profile: string | ProfileFile): string | null {
    return this.#find(profile)?.version ?? null;
  }

  #find(profile: string | ProfileFile): Profile | undefined {
    return typeof profile === 'string' ? this.#profiles.get(profile) : namedProfile('', profile);
  }

  #modelOf({ model }: Question): ModelIdentity {
    return namedModel(this.#engine, model) ?? this.#engine.model;
  }

  #profileOf({ profile }: Question): ProfilePair | null {
    const own = profile === null ? undefined : this.#find(profile);
    if (own === undefined || this.#trainingProfile === null) return null;
    return { own: own.classes, trainingProfile: this.#trainingProfile.classes };
  }

  /** Lets the question in; `refusal` is why not, where it may be answered without the network. */
  #enter({ method, fallback, deadline, caller, cloud }: Question): {
    arrive: () => void;
    refusal: string | null;
  } {
    if (method === 'geometric') return { arrive() {}, refusal: null };
    try {
      return { arrive: this.#engine.admit(deadline, { caller, cloud }), refusal: null };
    } catch (error) {
      if (fallback !== 'geometric' || !isNearboxError(error, 'overloaded')) throw error;
      return { arrive() {}, refusal: error.message };
    }
  }

  async #fit(request: FitRequest, question: Question, refusal: string | null): Promise<EngineAnswer> {
    const { method, fallback, signal, deadline, caller, cloud } = question;
    if (method === 'geometric') return this.#engine.fitGeometric(request);
    if (refusal !== null) return this.#engine.fitFallback(request, refusal, { signal, deadline });
    try {
      const { version } = this.#modelOf(question);
      return await this.#engine.fit(request, { signal, deadline, share: { caller, cloud }, model: version });
    } catch (error) {
      if (fallback !== 'geometric' || !isNearboxError(error, 'overloaded')) throw error;
      return this.#engine.fitFallback(request, error.message, { signal, deadline });
    }
  }

  #requireSound({ model, profile, keep, region, size, previous, pose, timestamp }: Question): void {
    const wrong = (path: string, message: string) =>
      new NearboxError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
    if (namedModel(this.#engine, model) === undefined) throw wrong('model', noModel(this.#engine, model));
    if (typeof profile === 'string' && !this.#profiles.has(profile))
      throw wrong('profile', `there is no label profile ${JSON.stringify(profile)}`);
    if (profile !== null && this.#trainingProfile === null)
      throw new Error('a predictor that takes profiles needs the profile of the training labels');
    if (keep.length > 0 && region.type !== 'box') throw wrong('keep', 'needs a region of type `box`');
    if (keep.length > 0 && size !== null) throw wrong('keep', 'cannot be combined with `size`');
    if (previous.length === 0 && pose !== null) throw wrong('pose', 'needs `previous`');
    if (previous.length === 0 && timestamp !== null) throw wrong('timestamp', 'needs `previous`');
  }
}

/** The frame that is asked about: what the question says of it, else the cloud's metadata. */
function frameOf({ pose, timestamp }: Question, { frame }: CloudInfo) {
  return { pose: pose ?? frame?.pose ?? null, timestamp: timestamp ?? frame?.timestamp ?? null };
}

function fitRequest(
  question: Question,
  { crop, hint }: QuestionPoints,
  foreseen: Foreseen | null,
  sensor: Vec3 | null,
): FitRequest {
  const toCrop: Vec3 = minus([0, 0, 0], crop.origin);
  const size = question.size ?? foreseen?.size ?? null;
  return {
    crop,
    hint,
    class: question.class,
    size,
    sensor: sensor === null ? null : minus(sensor, crop.origin),
    keep: question.keep,
    expected: (foreseen?.boxes ?? []).map((box) => shifted({ ...box, size: size ?? box.size }, toCrop)),
    others: question.others.map((box) => shifted(box, toCrop)),
    alternatives: question.alternatives,
  };
}

/**
 * The answer as the question lets it be: its kept parts where they were, its heading as in other frames,
 * inside the cloud.
 */
function placed(
  box: Box,
  { region, keep }: Question,
  extent: CloudInfo['bounds'],
  foreseen: Foreseen | null,
): Box {
  if (keep.length > 0 && region.type === 'box') return keepParts(box, region, keep);
  const inside = insideCloud(box, extent);
  return foreseen === null ? inside : facingAs(inside, foreseen.boxes[0]!);
}
