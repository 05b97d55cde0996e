/**
 * Carries objects through a sequence. Frames are visited once for the keyframes and the static test, then
 * forward and backward along the tracks. All objects of a frame are fitted in one request.
 */
import { isNearboxError, NearboxError } from '../../cache/index.ts';
import type { Box } from '../boxes/index.ts';
import { TRACK } from './constants.ts';
import { headOf, keyframeLines, provisionalLine } from './early-lines.ts';
import type {
  FitAsk,
  FitAtPlace,
  FitReply,
  FrameAnswer,
  FrameCost,
  FrameFits,
  FrameTimings,
} from './frames/index.ts';
import type { TrackBox, TrackHead, TrackLine, TrackLost } from './lines.ts';
import {
  Chain,
  distance,
  influence,
  type KeyInfluence,
  ObjectTrack,
  sightingOf,
  type TrackKey,
} from './objects/index.ts';
import { displacementOf, farthest, movingLines, standsStill, staticLines } from './results/index.ts';
import type { Segment } from './segments.ts';
import { boxInFrame, type TrackTask } from './sequence.ts';
import { lastVisits, type PlaceVisit, spread, visitOrder } from './visits.ts';

export interface FollowOptions {
  /**
   * Ends the work. If it aborts with a NearboxError `deadline_exceeded`, the remaining frames become lines
   * with that error and the stream ends normally. If it aborts with anything else, the stream rejects with
   * that reason.
   */
  readonly signal: AbortSignal;
}

/** The lines of a track, the `done` line last. */
export async function* follow(
  request: TrackTask,
  fits: FrameFits,
  { signal }: FollowOptions,
): AsyncGenerator<TrackLine> {
  const began = performance.now();
  const following = new Following(request, fits, signal);
  yield* following.lines();
  const { cost, readMs, fitMs } = following.spent;
  yield { done: true, cost, timings: { totalMs: performance.now() - began, readMs, fitMs } };
}

class Following {
  readonly spent = {
    cost: { nodes: 0, bytes: 0, memory: 0, disk: 0, origin: 0 } as FrameCost,
    readMs: 0,
    fitMs: 0,
  };
  readonly #request: TrackTask;
  readonly #fits: FrameFits;
  readonly #signal: AbortSignal;
  readonly #tracks: readonly ObjectTrack[];
  /** Segments whose final lines have been yielded. */
  readonly #done = new Set<Segment>();
  /** The version under which a frame was first read. */
  readonly #versions = new Map<number, string>();

  constructor(request: TrackTask, fits: FrameFits, signal: AbortSignal) {
    this.#request = request;
    this.#fits = fits;
    this.#signal = signal;
    this.#tracks = request.objects.map((object) => new ObjectTrack(object, request));
  }

  async *lines(): AsyncGenerator<TrackHead | TrackBox | TrackLost> {
    await this.#lookAtKeyframes();
    for (const track of this.#tracks) {
      track.isStatic ??= this.#isStatic(track);
      yield headOf(track);
      yield* keyframeLines(track, this.#request);
      for (const frame of track.absent) yield { id: track.id, frame, lost: 'absent', final: true };
    }
    for (const way of ['forward', 'backward'] as const) yield* this.#sweep(way);
  }

  /** Visits every keyframe in its own frame, then the frames of the static test. */
  async #lookAtKeyframes(): Promise<void> {
    const visits = new Map<number, PlaceVisit[]>();
    const visit = (track: ObjectTrack, frame: number, isKeyframe: boolean, needs: FitAtPlace) => {
      const list = visits.get(frame) ?? [];
      list.push({ track, frame, isKeyframe, needs });
      visits.set(frame, list);
    };
    for (const track of this.#tracks) for (const { frame } of track.keys) visit(track, frame, true, 'fit');
    await this.#visitPlaces(visits);
    visits.clear();
    for (const track of this.#tracks)
      if (track.isStatic === undefined)
        for (const { frame, isFar } of this.#testFrames(track))
          visit(track, frame, false, whenAtPlace(track, isFar ? 'fit_if_unsure' : 'fit_if_moved'));
    await this.#visitPlaces(visits);
  }

  /** Frames for the static test, and whether they belong to the farthest ones, whose displacement counts. */
  #testFrames(track: ObjectTrack): { frame: number; isFar: boolean }[] {
    const time = (frame: number) => this.#request.frames[frame]!.timestamp;
    const apart = (frame: number) => Math.abs(time(frame) - time(track.keyFor(frame).frame));
    const frames = spread(track.segments.flatMap((segment) => segment.frames));
    const far = new Set([...frames].sort((a, b) => apart(b) - apart(a)).slice(0, farthest(frames.length)));
    return frames.map((frame) => ({ frame, isFar: far.has(frame) }));
  }

  async #visitPlaces(visits: ReadonlyMap<number, readonly PlaceVisit[]>): Promise<void> {
    const frames = [...visits.keys()].sort((a, b) => a - b);
    for (const [k, frame] of frames.entries()) {
      const here = visits.get(frame)!;
      const next = frames[k + 1];
      if (next !== undefined)
        this.#readAhead(
          next,
          visits.get(next)!.map((each) => this.#placeIn(each)),
        );
      const answer = await this.#ask(
        frame,
        here.map((each) => this.#askAtPlace(each)),
        here,
      );
      if (answer !== null)
        for (const [at, each] of here.entries()) this.#takeAtPlace(each, answer.replies[at]!, answer);
    }
  }

  /** Follows moving objects, and visits standing objects in the frames that were not visited yet. */
  async *#sweep(way: 'forward' | 'backward'): AsyncGenerator<TrackBox | TrackLost> {
    const { frames } = this.#request;
    const chains = this.#tracks
      .filter(({ isStatic }) => !isStatic)
      .flatMap((track) => track.segments.flatMap((segment) => Chain.of(track, segment, way, frames) ?? []));
    const places = this.#tracks
      .filter(({ isStatic }) => isStatic)
      .flatMap((track) => this.#unseenPlaces(track, way));
    const order = visitOrder(chains, places, way);
    const isLast = lastVisits(this.#tracks, chains, places, way);
    // Segments of standing objects that were visited completely before.
    if (way === 'forward') yield* this.#finished(isLast.none);
    for (const [k, { frame, chains: moving, places: standing }] of order.entries()) {
      const next = order[k + 1];
      if (next !== undefined)
        this.#readAhead(next.frame, [
          ...next.chains.map((chain) => boxInFrame(frames[next.frame]!, chain.box)),
          ...next.places.map((each) => this.#placeIn(each)),
        ]);
      const asks = [
        ...moving.map((chain) => this.#askOnTheWay(chain, frame)),
        ...standing.map((each) => this.#askAtPlace(each)),
      ];
      const owners = [...moving, ...standing];
      const answer = await this.#ask(frame, asks, owners);
      if (answer !== null) {
        for (const [at, chain] of moving.entries()) {
          this.#takeOnTheWay(chain, frame, asks[at]!, answer.replies[at]!, answer);
          yield provisionalLine(chain, frame, this.#request);
        }
        for (const [at, each] of standing.entries())
          this.#takeAtPlace(each, answer.replies[moving.length + at]!, answer);
      }
      yield* this.#finished(isLast.at.get(frame) ?? []);
    }
  }

  *#finished(done: readonly { track: ObjectTrack; segment: Segment }[]): Generator<TrackBox | TrackLost> {
    for (const { track, segment } of done) {
      const { frames } = this.#request;
      this.#done.add(segment);
      yield* track.isStatic ? staticLines(track, segment, frames) : movingLines(track, segment, frames);
      // The evidence of these frames is not needed any more.
      for (const frame of segment.frames) {
        track.atPlace.delete(frame);
        track.onTheWay.delete(frame);
      }
    }
  }

  #unseenPlaces(track: ObjectTrack, way: 'forward' | 'backward'): PlaceVisit[] {
    return track.segments
      .filter(
        (segment) => (segment.from === null ? 'backward' : 'forward') === way && !this.#done.has(segment),
      )
      .flatMap(({ frames }) => frames)
      .filter((frame) => !track.atPlace.has(frame) && !track.failures.has(frame))
      .map((frame) => ({ track, frame, isKeyframe: false, needs: whenAtPlace(track, 'fit_if_moved') }));
  }

  #placeIn({ track, frame, isKeyframe }: PlaceVisit): Box {
    const { frames } = this.#request;
    if (!isKeyframe) return boxInFrame(frames[frame]!, track.keyFor(frame).world);
    return { ...track.keys.find((key) => key.frame === frame)!.drawn, size: track.size };
  }

  #askAtPlace(visit: PlaceVisit): FitAsk {
    const { track, frame, isKeyframe, needs } = visit;
    return {
      starts: [this.#placeIn(visit)],
      class: track.object.class,
      reference: isKeyframe ? null : track.keyFor(frame).shape,
      atPlace: needs,
      wantsShape: isKeyframe,
    };
  }

  #takeAtPlace(visit: PlaceVisit, reply: FitReply, answer: FrameAnswer): void {
    const { track, frame, isKeyframe } = visit;
    if (isKeyframe) {
      const key = track.keys.find((each) => each.frame === frame)!;
      track.learn(key, reply, answer.sensor);
      return;
    }
    const start = { box: this.#placeIn(visit), evidence: reply.start };
    const at = this.#request.frames[frame]!;
    const effect = this.#influence(frame, track.keyFor(frame), null);
    track.atPlace.set(frame, sightingOf(frame, reply.fits[0] ?? null, start, answer, effect, at));
  }

  #askOnTheWay(chain: Chain, frame: number): FitAsk {
    const at = this.#request.frames[frame]!;
    return {
      starts: chain.goTo(at.timestamp).map((box) => boxInFrame(at, box)),
      class: chain.track.object.class,
      reference: chain.key.shape,
      atPlace: null,
      wantsShape: false,
    };
  }

  #takeOnTheWay(chain: Chain, frame: number, ask: FitAsk, reply: FitReply, answer: FrameAnswer): void {
    const { track, key, other } = chain;
    const effect = this.#influence(frame, key, other);
    const start = { box: ask.starts[0]!, evidence: reply.start };
    const at = this.#request.frames[frame]!;
    const found = reply.fits.map((fit) => sightingOf(frame, fit, start, answer, effect, at));
    for (const sighting of chain.take(found)) track.onTheWay.set(sighting.frame, sighting);
    track.failures.delete(frame);
  }

  #influence(frame: number, key: TrackKey, other: TrackKey | null): KeyInfluence {
    if (other === null) return influence(key, null, 0);
    const time = (at: number) => this.#request.frames[at]!.timestamp;
    const share = (time(frame) - time(key.frame)) / (time(other.frame) - time(key.frame));
    return influence(key, other, Math.min(1, Math.max(0, share)));
  }

  #isStatic(track: ObjectTrack): boolean {
    const { base, byPoints } = TRACK.keyframesApart;
    for (const [k, a] of track.keys.entries())
      for (const b of track.keys.slice(k + 1)) {
        const points = Math.max(1, Math.min(a.points, b.points));
        if (distance(a.world, b.world) > base + byPoints / Math.sqrt(points)) return false;
      }
    const time = (frame: number) => this.#request.frames[frame]!.timestamp;
    const seen = [...track.atPlace.values()].flatMap((sighting) => {
      const key = track.keyFor(sighting.frame);
      return displacementOf(sighting, key, Math.abs(time(sighting.frame) - time(key.frame))) ?? [];
    });
    return standsStill(seen);
  }

  #readAhead(frame: number, around: readonly Box[]): void {
    if (!this.#signal.aborted) this.#fits.readAhead(frame, around, this.#signal);
  }

  /** The frame's answer; null if it failed. The failure is stored with every object of the request. */
  async #ask(
    frame: number,
    asks: readonly FitAsk[],
    owners: readonly { readonly track: ObjectTrack }[],
  ): Promise<FrameAnswer | null> {
    try {
      this.#signal.throwIfAborted();
      const answer = await this.#fits.ask(frame, asks, this.#signal);
      this.#account(answer);
      this.#requireSameVersion(frame, answer);
      return answer;
    } catch (error) {
      const isLate = isNearboxError(this.#signal.reason, 'deadline_exceeded');
      if (this.#signal.aborted && !isLate) throw this.#signal.reason;
      const failure = isLate ? (this.#signal.reason as NearboxError) : error;
      if (!isNearboxError(failure)) throw failure;
      const why = { lost: failure.code, detail: failure.message };
      for (const { track } of owners) track.failures.set(frame, why);
      return null;
    }
  }

  #requireSameVersion(frame: number, { version }: FrameAnswer): void {
    const known = this.#versions.get(frame) ?? version;
    this.#versions.set(frame, known);
    if (known !== version)
      throw new NearboxError('cloud_changed', 'the cloud of this frame changed while the track was made');
  }

  #account({ cost, timings }: { cost: FrameCost; timings: FrameTimings }): void {
    const { spent } = this;
    const total = spent.cost;
    spent.cost = {
      nodes: total.nodes + cost.nodes,
      bytes: total.bytes + cost.bytes,
      memory: total.memory + cost.memory,
      disk: total.disk + cost.disk,
      origin: total.origin + cost.origin,
    };
    spent.readMs += timings.readMs;
    spent.fitMs += timings.fitMs;
  }
}

/**
 * When the network is asked at a standing object's place: always if a keyframe is not fixed, for it goes
 * towards the fits of all frames.
 */
function whenAtPlace({ keys }: ObjectTrack, otherwise: FitAtPlace): FitAtPlace {
  return keys.every(({ isFixed }) => isFixed) ? otherwise : 'fit';
}
