/**
 * Carries objects through the frames of their sequence: asks the server, puts the lines into the work as they
 * come, and fits again what an edit has to do with. Where the server cannot be reached, boxes between
 * keyframes are interpolated in the page.
 */
import { interpolate } from '../../../inference/interpolation/index.ts';
import { type ApiClient, ApiError, type FramePlace, pause, type TrackAsk } from '../api/index.ts';
import { findLabel, sequenceOf, shortId, type Work } from '../model/index.ts';
import { objectTraits } from '../ontology/index.ts';
import type { BoxEdit, Session } from '../session/index.ts';
import { askedObject, boxesOf, segmentAround, type TrackDirection, trackExtent } from './question.ts';
import { cellOf } from './rows/index.ts';
import { takeLines } from './take-lines.ts';
import { TrackRun } from './track-run.ts';

export interface TrackControllerOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'track'>;
  /** Resolves when the labels of a frame are known. */
  readonly prepareFrame: (frame: string) => Promise<void>;
  /** When and where the frames were taken, as far as that is known; for interpolation. */
  readonly places: (frames: readonly string[]) => Promise<readonly (FramePlace | null)[]>;
  /** How boxes of this project are drawn, or null; see `/v1/profiles`. */
  readonly profile?: () => TrackAsk['profile'] | null;
  /** Resolves after a while; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface TrackOrder {
  readonly ids: readonly string[];
  readonly what: string;
  /** A frame of the sequence. Default: the open one. */
  readonly frame?: string;
  readonly direction?: TrackDirection;
  /** The undo step that the lines belong to; without one they are a step of their own. */
  readonly step?: number | null;
  /** First and last frame, as indices into the sequence. Default: all. */
  readonly range?: readonly [number, number];
  /** The frame that was edited last. */
  readonly last?: number;
  /** Whether the objects are to stand or move as they do now. */
  readonly keepsMotion?: boolean;
}

/** What is to be fitted again after an edit. */
interface SegmentRefit {
  /** The frame of the edit. */
  readonly frame: string;
  /** First and last frame, as indices into the sequence. */
  readonly range: readonly [number, number];
  /** The undo step of the edit. */
  readonly step: number | null;
}

/** Most frames and boxes that the server takes at once. */
const MOST_ASKED = { frames: 1000, objects: 256, boxes: 20_000 };
/** Lines are shown so often, milliseconds. */
const SHOW_EVERY_MS = 120;
/** After the last edit of a box its track is fitted again after so long, milliseconds. */
const REFIT_AFTER_MS = 450;
const PREPARED_AT_ONCE = 6;
/** Another attempt after a server that has too much to do. */
const ATTEMPTS = 5;
const SAME_SIZE = 1e-4;

export class TrackController {
  readonly #options: Required<TrackControllerOptions>;
  readonly #runs = new Set<TrackRun>();
  readonly #owners = new Map<string, TrackRun>();
  readonly #waiting = new Map<string, { cancel(): void }>();
  /** Segments that were edited while the server was away, by object: fitted again when it is back. */
  readonly #owed = new Map<string, SegmentRefit>();

  constructor(options: TrackControllerOptions) {
    this.#options = { profile: () => null, wait: pause, ...options };
    options.session.store.subscribe((state, before) => {
      if (state.isServerReachable && !before.isServerReachable) this.#makeGood();
    });
  }

  get isRunning(): boolean {
    return this.#runs.size > 0;
  }

  /** Ends what is under way; what came stays. True if something was. */
  stop(): boolean {
    const isBusy = this.#runs.size > 0 || this.#waiting.size > 0;
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
    for (const run of this.#runs) run.controller.abort(new DOMException('stopped', 'AbortError'));
    return isBusy;
  }

  /**
   * Tracks objects through a sequence. Resolves when all lines are in the work: with `away` if the page had
   * to do it by itself.
   */
  async track(order: TrackOrder): Promise<'away' | undefined> {
    const { session } = this.#options;
    const { frame = session.state.frame } = order;
    if (frame === null || order.ids.length === 0) {
      session.say('Select a box to carry it through the frames.', 'warn');
      return;
    }
    const all = sequenceOf(session.state.frames, frame);
    const frames = windowOf(all, frame);
    if (frames.length < 2) {
      session.say('There is only this frame: nothing to carry boxes to.', 'warn');
      return;
    }
    try {
      await this.load(frames);
    } catch (error) {
      // The page does what it can in the frames that it knows.
      if (!isAwayBecauseOf(error)) {
        session.say(`Nothing was carried. ${textOf(error)}`, 'error');
        return;
      }
    }
    const range =
      order.range === undefined
        ? rangeOf(order.direction ?? 'both', frames.indexOf(frame), frames.length)
        : rangeWithin(order.range, all.indexOf(frames[0]!), frames.length);
    const last = order.last === undefined ? {} : { last: order.last - all.indexOf(frames[0]!) };
    const atOnce = Math.max(1, Math.min(MOST_ASKED.objects, Math.floor(MOST_ASKED.boxes / frames.length)));
    let step = order.step ?? null;
    for (let at = 0; at < order.ids.length; at += atOnce) {
      const ids = order.ids.slice(at, at + atOnce);
      const run = this.#begin({ ...order, ...last, ids, step, range }, frames);
      if (run === null) continue;
      const isAway = await this.#carry(run, order);
      step = run.step;
      if (isAway) return 'away';
      if (run.controller.signal.aborted) return;
    }
    return;
  }

  /**
   * An edit is a keyframe: what lies between it and its neighbours is fitted again, soon after the last one.
   */
  edited({ frame, before, after, step }: BoxEdit): void {
    const { session } = this.#options;
    const { id } = after;
    this.#waiting.get(id)?.cancel();
    this.#waiting.delete(id);
    const frames = sequenceOf(session.state.frames, frame);
    const at = frames.indexOf(frame);
    const isResized =
      isOtherSize(before.box.size, after.box.size) ||
      boxesOf(session.state.work, frames, id).some(
        (label) => label?.track?.status === 'measured' && isOtherSize(label.box.size, after.box.size),
      );
    const range = isResized
      ? segmentAround(session.state.work, frames, id, at) && trackExtent(session.state.work, frames, id)
      : segmentAround(session.state.work, frames, id, at);
    if (range === null || step === null) return;
    const leaving = new AbortController();
    this.#waiting.set(id, { cancel: () => leaving.abort() });
    this.#options.wait(REFIT_AFTER_MS, leaving.signal).then(
      () => {
        this.#waiting.delete(id);
        if (isResized)
          session.say(`The size has changed: the whole track of object ${shortId(id)} is fitted again.`);
        void this.refit(id, { frame, range, step });
      },
      () => undefined,
    );
  }

  /** Fits a track again in a range of its sequence; it stands or moves as before. */
  async refit(id: string, refit: SegmentRefit): Promise<void> {
    this.#owed.delete(id);
    if ((await this.#fitAgain(id, refit)) === 'away') this.#owed.set(id, refit);
  }

  #fitAgain(id: string, { frame, range, step }: SegmentRefit): Promise<'away' | undefined> {
    const last = sequenceOf(this.#options.session.state.frames, frame).indexOf(frame);
    const what = 'fit the track again';
    return this.track({ ids: [id], what, frame, range, step, last, keepsMotion: true });
  }

  /**
   * The server is back: what was edited meanwhile is fitted as it would have been. Once, whatever comes of
   * it.
   */
  #makeGood(): void {
    const { session } = this.#options;
    const owed = [...this.#owed];
    this.#owed.clear();
    for (const [id, refit] of owed) {
      const frames = sequenceOf(session.state.frames, refit.frame);
      if (trackExtent(session.state.work, frames, id) !== null) void this.#fitAgain(id, refit);
    }
  }

  /** Resolves when the labels of all these frames are known. */
  async load(frames: readonly string[]): Promise<void> {
    const { prepareFrame } = this.#options;
    const unknown = frames.filter((frame) => !this.#isKnown(frame));
    for (let at = 0; at < unknown.length; at += PREPARED_AT_ONCE)
      await Promise.all(unknown.slice(at, at + PREPARED_AT_ONCE).map(prepareFrame));
  }

  #isKnown(frame: string): boolean {
    return this.#options.session.state.work.frames[frame]?.cloudVersion != null;
  }

  #begin(order: TrackOrder & { range: readonly [number, number] }, frames: readonly string[]) {
    const { session } = this.#options;
    const { work } = session.state;
    const standing = new Set<string>();
    const objects = order.ids.flatMap((id) => {
      const track = boxesOf(work, frames, id).find((label) => label?.track !== undefined)?.track;
      if (track?.isStatic === true) standing.add(id);
      const isStatic = order.keepsMotion === true ? track?.isStatic : undefined;
      return askedObject(work, frames, id, { last: order.last, isStatic }) ?? [];
    });
    if (objects.length === 0) {
      session.say('There is no keyframe to go by: edit or accept a box first.', 'warn');
      return null;
    }
    const chosen = new Set(
      objects.flatMap(({ id }) =>
        boxesOf(work, frames, id).some((label) => label?.track?.isStaticChosen === true) ? [id] : [],
      ),
    );
    const { range, what, step = null } = order;
    const run = new TrackRun({ objects, frames, range, what, step, chosen, standing });
    for (const { id } of objects) {
      const earlier = this.#owners.get(id);
      earlier?.ids.delete(id);
      if (earlier?.ids.size === 0) earlier.controller.abort(new DOMException('replaced', 'AbortError'));
      this.#owners.set(id, run);
    }
    this.#runs.add(run);
    this.#tell();
    return Object.assign(run, { objects });
  }

  /** True if the server was away, and the page did it. */
  async #carry(
    run: TrackRun & { readonly objects: NonNullable<TrackAsk['objects']> },
    { direction = 'both', step }: TrackOrder,
  ): Promise<boolean> {
    const { session, profile } = this.#options;
    const own = profile();
    const question: TrackAsk = {
      frames: run.frames.map((cloud) => ({ cloud })),
      objects: run.objects,
      direction,
      range: run.range as [number, number],
      ...(own == null ? {} : { profile: own }),
    };
    const showing = setInterval(() => this.#show(run), SHOW_EVERY_MS);
    let said: readonly [string, 'info' | 'warn' | 'error', 'act' | 'server'] | null = null;
    let isAway = false;
    try {
      await this.#ask(run, question);
    } catch (error) {
      if (run.controller.signal.aborted) {
        const { done, total } = run.progress;
        if (run.ids.size > 0) said = [`Stopped: ${done} of ${total} boxes had come.`, 'info', 'act'];
      } else if (isAwayBecauseOf(error)) {
        isAway = true;
        const parts = [`The server cannot be reached: ${await this.#interpolate(run)}.`];
        if (step == null) parts.push('Carry again when it is back.');
        said = [parts.join(' '), 'warn', 'server'];
      } else said = [`${textOf(error)} What came before is kept.`, 'error', 'act'];
    } finally {
      clearInterval(showing);
      this.#show(run);
      this.#runs.delete(run);
      for (const id of run.ids) if (this.#owners.get(id) === run) this.#owners.delete(id);
      this.#tell();
    }
    if (said !== null) session.say(...said);
    else this.#sum(run);
    return isAway;
  }

  /** Asks again where the server has too much to do. */
  async #ask(run: TrackRun, question: TrackAsk): Promise<void> {
    const { signal } = run.controller;
    if (!run.frames.every((frame) => this.#isKnown(frame)))
      throw new ApiError('unreachable', 0, 'The labels of some frames could not be read.');
    for (let attempt = 1; ; attempt++) {
      try {
        for await (const line of this.#options.api.track(question, { signal })) {
          run.take(line);
          // A run whose step was taken back is over.
          signal.throwIfAborted();
        }
        return;
      } catch (error) {
        const isBusy = error instanceof ApiError && [429, 503].includes(error.status);
        if (!isBusy || attempt === ATTEMPTS || signal.aborted) throw error;
        await this.#options.wait((error.retryAfterSeconds ?? 2) * 1000, signal);
      }
    }
  }

  /** Puts the lines that came into the work: one undo step for all of them. */
  #show(run: TrackRun): void {
    const lines = run.drain();
    if (lines.length > 0) {
      const { session } = this.#options;
      const { ontology } = session.state;
      const take = (work: Work) =>
        takeLines(work, lines, (now, id) => objectTraits(ontology, now, run.frames, id));
      if (run.step === null) run.step = session.apply(run.what, take);
      else if (!session.amend(run.step, take))
        run.controller.abort(new DOMException('taken back', 'AbortError'));
    }
    this.#tell();
  }

  /** Boxes from the motion between keyframes, where none was measured. Says what was done. */
  async #interpolate(
    run: TrackRun & { readonly objects: NonNullable<TrackAsk['objects']> },
  ): Promise<string> {
    const places = await this.#options.places(run.frames);
    const isTimed = places.every((place) => place?.timestamp != null);
    const isPosed = places.every((place) => place?.pose != null);
    const frames = places.map((place, k) => ({
      timestamp: isTimed ? place!.timestamp! : k / 10,
      pose: isPosed ? place!.pose : null,
    }));
    const { work } = this.#options.session.state;
    let [isSomeMeasured, isSomePut] = [false, false];
    const leftOut = new Set<number>();
    for (const { id, keyframes, absent = [], static: isStatic = run.stands(id) } of run.objects)
      for (const line of interpolate({ frames, keyframes, absent, isStatic, range: run.range })) {
        if (run.isAnswered(id, line.frame) || line.status === 'absent' || line.box === null) continue;
        const frame = run.frames[line.frame]!;
        if (findLabel(work, frame, id)?.track?.status === 'measured') isSomeMeasured = true;
        // There may be boxes that the page does not know, and of which version they are is not known either.
        else if (!this.#isKnown(frame)) leftOut.add(line.frame);
        else {
          run.put(id, line.frame, { box: line.box, score: null, status: line.status });
          isSomePut = true;
        }
      }
    return interpolatedText({ isSomeMeasured, isSomePut, leftOut: leftOut.size });
  }

  /** Says how it went: what is to be looked at, and keyframes that do not go together. */
  #sum(run: TrackRun): void {
    const { session } = this.#options;
    const { work } = session.state;
    const ids = [...run.ids];
    const cells = ids.flatMap((id) => run.frames.map((frame) => cellOf(work.frames[frame], id)));
    const boxes = ids.reduce(
      (count, id) => count + run.frames.filter((frame) => findLabel(work, frame, id) !== undefined).length,
      0,
    );
    const doubtful = cells.filter((cell) => cell?.isDoubtful).length;
    const name = ids.length === 1 ? `Object ${ids[0]}` : `${ids.length} objects`;
    const parts = [`${name}: ${boxes} boxes in ${run.frames.length} frames.`];
    if (doubtful > 0) parts.push(`${doubtful} to look at (Z).`);
    if (run.failures > 0) parts.push(`${run.failures} could not be answered for: ask again.`);
    for (const [id, { disagreements = [] }] of run.heads)
      for (const { frames, size } of disagreements.slice(0, 1))
        if (size > 0)
          parts.push(
            `The sizes of object ${id} in ${run.frames[frames[0]]} and ${run.frames[frames[1]]} differ by ${size.toFixed(2)} m: one size with Shift-R.`,
          );
    session.say(parts.join(' '), parts.length > 1 ? 'warn' : 'info');
  }

  #tell(): void {
    const { store } = this.#options.session;
    let [done, total, objects] = [0, 0, 0];
    for (const run of this.#runs) {
      done += run.progress.done;
      total += run.progress.total;
      objects += run.ids.size;
    }
    const { tracking } = store.state;
    if (this.#runs.size === 0) {
      if (tracking !== null) store.set({ tracking: null });
    } else if (tracking?.done !== done || tracking.total !== total || tracking.objects !== objects)
      store.set({ tracking: { done, total, objects } });
  }
}

/** The frames that one question may have: those around the open one. */
function windowOf(frames: readonly string[], frame: string): readonly string[] {
  const first = Math.max(
    0,
    Math.min(frames.length - MOST_ASKED.frames, frames.indexOf(frame) - MOST_ASKED.frames / 2),
  );
  return frames.slice(first, first + MOST_ASKED.frames);
}

function rangeOf(direction: TrackDirection, at: number, count: number): readonly [number, number] {
  return [direction === 'forward' ? at : 0, direction === 'backward' ? at : count - 1];
}

/** A range of a sequence as a range of those `count` of its frames that begin with `first`. */
function rangeWithin(
  [from, to]: readonly [number, number],
  first: number,
  count: number,
): readonly [number, number] {
  return [Math.max(0, from - first), Math.min(count - 1, to - first)];
}

/** What the page did by itself: `the boxes were interpolated in the page`. */
function interpolatedText(done: { isSomeMeasured: boolean; isSomePut: boolean; leftOut: number }): string {
  const frames = `${done.leftOut} ${done.leftOut === 1 ? 'frame' : 'frames'} whose labels are not here`;
  if (done.leftOut > 0 && !done.isSomePut) return `nothing was carried to ${frames}`;
  const what = done.isSomeMeasured ? 'boxes that were measured stay, the others' : 'the boxes';
  return `${what} were interpolated in the page${done.leftOut === 0 ? '' : `, but for ${frames}`}`;
}

function isAwayBecauseOf(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'unreachable';
}

function isOtherSize(a: readonly number[], b: readonly number[]): boolean {
  return a.some((side, k) => Math.abs(side - b[k]!) > SAME_SIZE);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
