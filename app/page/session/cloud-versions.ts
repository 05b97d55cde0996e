/**
 * Has the versions of the clouds whose boxes are shown beside the open frame: in the timeline, the map and
 * the panel of all frames. What any answer of the server tells is taken; the rest is asked for, a few at a
 * time, for the frames around the open one.
 */
import { type ApiClient, ApiError } from '../api/index.ts';
import { sequenceOf } from '../model/index.ts';
import { withUnknownVersion } from './other-versions.ts';
import type { Session } from './session.ts';
import type { PageState } from './state.ts';

export interface CloudVersionsOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'cloud'>;
}

/** Clouds that are asked for at once; the views need connections as well. */
const AT_ONCE = 2;
/** Frames around the open one whose clouds are asked for. */
const MOST_FRAMES = 300;
/** What comes within this time is taken together, milliseconds. */
const TAKE_EVERY_MS = 50;
/** How long after a change the page looks what is missing, milliseconds. */
const LOOK_AFTER_MS = 200;

export class CloudVersions {
  readonly #options: CloudVersionsOptions;
  readonly #running = new Set<string>();
  /** Frames whose clouds the server does not have, or cannot tell about. */
  readonly #refused = new Set<string>();
  #wanted: string[] = [];
  #told = new Map<string, string>();
  #isTaking = false;
  #isLooking = false;

  constructor(options: CloudVersionsOptions) {
    this.#options = options;
    options.session.store.subscribe((state, before) => {
      if (changesWanted(state, before)) this.#lookSoon();
    });
  }

  /** Takes what an answer told. */
  note(frame: string, version: string): void {
    if (this.#options.session.state.cloudVersions[frame] === version && !this.#told.has(frame)) return;
    this.#told.set(frame, version);
    if (this.#isTaking) return;
    this.#isTaking = true;
    setTimeout(() => this.#take(), TAKE_EVERY_MS);
  }

  #take(): void {
    this.#isTaking = false;
    const told = Object.fromEntries(this.#told);
    this.#told.clear();
    this.#options.session.knowVersions(told);
  }

  #lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setTimeout(() => this.#look(), LOOK_AFTER_MS);
  }

  #look(): void {
    this.#isLooking = false;
    const { state } = this.#options.session;
    if (state.frame === null || !state.isServerReachable || !showsOtherFrames(state)) return;
    const around = framesAround(sequenceOf(state.frames, state.frame), state.frame);
    this.#wanted = withUnknownVersion(state, around).filter(
      (frame) => !this.#running.has(frame) && !this.#refused.has(frame) && !this.#told.has(frame),
    );
    this.#next();
  }

  #next(): void {
    while (this.#running.size < AT_ONCE) {
      const frame = this.#wanted.shift();
      if (frame === undefined) return;
      if (this.#told.has(frame) || this.#options.session.state.cloudVersions[frame] !== undefined) continue;
      this.#running.add(frame);
      void this.#ask(frame);
    }
  }

  async #ask(frame: string): Promise<void> {
    try {
      this.note(frame, (await this.#options.api.cloud(frame)).version);
    } catch (error) {
      if (error instanceof ApiError && isPassing(error)) this.#wanted = [];
      // Opening the frame says what is wrong with it.
      else this.#refused.add(frame);
    }
    this.#running.delete(frame);
    this.#next();
  }
}

/** So many frames around the open one, the nearest first. */
export function framesAround(
  frames: readonly string[],
  open: string,
  most: number = MOST_FRAMES,
): readonly string[] {
  const at = frames.indexOf(open);
  return frames
    .map((frame, k) => ({ frame, away: Math.abs(k - at) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, most)
    .map(({ frame }) => frame);
}

function showsOtherFrames({ isTimelineShown, isGlanceShown, isMergedShown }: PageState): boolean {
  return isTimelineShown || isGlanceShown || isMergedShown;
}

function changesWanted(state: PageState, before: PageState): boolean {
  return (
    state.work.frames !== before.work.frames ||
    state.frame !== before.frame ||
    state.frames !== before.frames ||
    state.isServerReachable !== before.isServerReachable ||
    showsOtherFrames(state) !== showsOtherFrames(before)
  );
}

/** What may be over in a moment: the next change looks again. */
function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}
