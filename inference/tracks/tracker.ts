/** Tracks over clouds: validates the request with the metadata of the clouds, then follows the objects. */
import { type LinkedSignal, linkedSignal } from '../../cache/foundation/index.ts';
import { isNearboxError, Limiter, NearboxError } from '../../cache/index.ts';
import type { CloudReader, FrameData } from '../../octree/index.ts';
import { type FitEngine, namedModel, noModel } from '../engine/index.ts';
import type { ProfilePair } from '../fit/index.ts';
import { namedProfile, type Profile, type ProfileFile } from '../profiles/index.ts';
import { ScannerPlaces } from '../scanner/index.ts';
import { follow } from './follow.ts';
import { CloudFrames } from './frames/index.ts';
import type { TrackLine } from './lines.ts';
import type { SequenceFrame } from './sequence.ts';
import { invalid, requireSound, type TrackFrame, type TrackQuestion } from './track-question.ts';

export interface TrackerOptions {
  readonly reader: Pick<CloudReader, 'read' | 'cloud'>;
  readonly engine: Pick<FitEngine, 'fit' | 'model' | 'models'>;
  /** The label profiles that requests can name. Default: none. */
  readonly profiles?: ReadonlyMap<string, Profile> | undefined;
  /** The profile of the training labels, which other profiles are relative to. Needed with `profiles`. */
  readonly trainingProfile?: Profile | null | undefined;
}

/** Frames whose metadata are read at the same time. */
const LOOKUPS_AT_ONCE = 8;
/** Assumed time between frames without timestamps, seconds. */
const FRAME_SECONDS = 0.1;

export class Tracker {
  readonly #reader: TrackerOptions['reader'];
  readonly #engine: TrackerOptions['engine'];
  readonly #scanners: ScannerPlaces;

  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #trainingProfile: Profile | null;

  constructor({ reader, engine, profiles, trainingProfile }: TrackerOptions) {
    this.#reader = reader;
    this.#engine = engine;
    this.#scanners = new ScannerPlaces(reader);
    this.#profiles = profiles ?? new Map();
    this.#trainingProfile = trainingProfile ?? null;
  }

  /**
   * The lines of a track: see docs/tracks.md. A failed frame is a line; the lines end with the signal's
   * reason if it aborts.
   * @throws NearboxError `invalid_request` with paths, at once
   */
  track(question: TrackQuestion): AsyncGenerator<TrackLine> {
    requireSound(question);
    this.#requireModel(question);
    return this.#lines(question, this.#profileOf(question));
  }

  async *#lines(question: TrackQuestion, profile: ProfilePair | null): AsyncGenerator<TrackLine> {
    const ending = endingAt(question.deadline, question.signal);
    try {
      const frames = await this.#framesOf(question, ending.signal);
      const fits = new CloudFrames({
        reader: this.#reader,
        engine: this.#engine,
        scanners: this.#scanners,
        clouds: question.frames.map(({ cloud }) => cloud),
        profile,
        model: question.model ?? undefined,
        deadline: question.deadline,
      });
      yield* follow({ ...question, frames }, fits, { signal: ending.signal });
    } finally {
      ending.close();
    }
  }

  /** Poses and times from the request, else from the metadata of the clouds. */
  async #framesOf({ frames }: TrackQuestion, signal: AbortSignal): Promise<SequenceFrame[]> {
    const posed = frames[0]!.pose !== undefined;
    const timed = frames[0]!.timestamp !== undefined;
    const known = posed && timed ? null : await this.#frameData(frames, signal);
    const poses = posed ? frames.map(({ pose }) => pose!) : allOf(known!.map((data) => data?.pose));
    const times = timed
      ? frames.map(({ timestamp }) => timestamp!)
      : risingOf(known!.map((data) => data?.timestamp));
    return frames.map((_, k) => ({
      pose: poses?.[k] ?? null,
      timestamp: times?.[k] ?? k * FRAME_SECONDS,
    }));
  }

  /** null for a frame that cannot be read; the track reports it when it reaches that frame. */
  async #frameData(frames: readonly TrackFrame[], signal: AbortSignal): Promise<(FrameData | null)[]> {
    const turns = new Limiter(LOOKUPS_AT_ONCE);
    return Promise.all(
      frames.map(({ cloud }) =>
        turns
          .run(async () => (await this.#reader.cloud(cloud, { signal })).frame, signal)
          .catch((error: unknown) => {
            if (signal.aborted && !isNearboxError(signal.reason, 'deadline_exceeded')) throw signal.reason;
            if (!isNearboxError(error)) throw error;
            return null;
          }),
      ),
    );
  }

  #profileOf({ profile }: TrackQuestion): ProfilePair | null {
    if (profile === null) return null;
    const own = typeof profile === 'string' ? this.#profiles.get(profile) : namedProfile('', profile);
    if (own === undefined || this.#trainingProfile === null)
      throw invalid([{ path: 'profile', message: noProfile(profile) }]);
    return { own: own.classes, trainingProfile: this.#trainingProfile.classes };
  }

  #requireModel({ model }: TrackQuestion): void {
    if (namedModel(this.#engine, model) !== undefined) return;
    throw invalid([{ path: 'model', message: noModel(this.#engine, model) }]);
  }
}

function noProfile(profile: string | ProfileFile): string {
  return typeof profile === 'string'
    ? `there is no label profile ${JSON.stringify(profile)}`
    : 'this server has no label profiles';
}

/**
 * Values of all frames; a frame that could not be read gets its neighbour's. null if any other frame has no
 * value.
 */
function allOf<Value>(values: readonly (Value | null | undefined)[]): readonly Value[] | null {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || known.some((value) => value === null)) return null;
  let last = known[0] as Value;
  return values.map((value) => {
    if (value !== undefined) last = value as Value;
    return last;
  });
}

/**
 * Times of all frames; a frame that could not be read gets the middle of its neighbours. null if they do not
 * increase.
 */
function risingOf(values: readonly (number | null | undefined)[]): readonly number[] | null {
  if (values.some((value) => value === null)) return null;
  const times: number[] = [];
  for (const [k, value] of values.entries()) {
    const next = values.slice(k + 1).find((later) => later !== undefined) ?? undefined;
    const before = times[k - 1];
    times.push(value ?? guessed(before, next ?? undefined));
  }
  return times.every((time, k) => k === 0 || time > times[k - 1]!) ? times : null;
}

function guessed(before: number | undefined, next: number | undefined): number {
  if (before === undefined) return (next ?? 0) - FRAME_SECONDS;
  return next === undefined ? before + FRAME_SECONDS : (before + next) / 2;
}

/** A signal that aborts at the deadline with a NearboxError, or with the caller's signal. */
function endingAt(deadline: number, outer: AbortSignal): LinkedSignal {
  return linkedSignal(outer, {
    afterMs: deadline - performance.now(),
    reason: () => new NearboxError('deadline_exceeded', 'the track was not finished by its deadline'),
  });
}
