/** Opens frames, and has the next ones ready before the annotator gets there. */
import type { ApiClient, CloudSummary } from '../api/index.ts';
import type { Session } from './session.ts';

type ShownCloud = Pick<CloudSummary, 'version' | 'hasColour'>;

/** The viewer, as far as frames go. `Loaded` is a frame that is ready to be shown. */
interface FrameView<Loaded extends { readonly summary: ShownCloud }> {
  load(frame: string, signal: AbortSignal): Promise<Loaded>;
  show(loaded: Loaded): void;
}

export interface FramesOptions<Loaded extends { readonly summary: ShownCloud }> {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'prefetch' | 'cloud' | 'listing' | 'node'>;
  readonly view: FrameView<Loaded>;
  /** Takes the labels of a frame into the session. */
  readonly openLabels: (frame: string) => Promise<void>;
  /** True for a failure that may be over in a moment. */
  readonly isPassing: (error: unknown) => boolean;
  /** Resolves after a while, or as soon as the server can be reached again. */
  readonly pause: (attempt: number, signal: AbortSignal) => Promise<void>;
  /** True while a hand is in the middle of something in the open frame: a drag, or a number that is typed. */
  readonly isInHand: () => boolean;
  /** A frame is shown now. */
  readonly onShown: (isFirst: boolean) => void;
}

/** Frames ahead that are prefetched. */
const FRAMES_AHEAD = 2;
/** Nodes of the next frame that are fetched into the browser's cache. */
const NODES_AHEAD = 12;
/** Looks so often whether the hand is free, milliseconds. */
const HAND_LOOK_MS = 30;
/** A cloud that changes again so soon is not followed any further, milliseconds. */
const CHANGES_APART_MS = 10_000;

export class Frames<Loaded extends { readonly summary: ShownCloud }> {
  readonly #options: FramesOptions<Loaded>;
  #opening: AbortController | null = null;
  #isFirst = true;
  readonly #prefetched = new Set<string>();
  #reopenedAt = Number.NEGATIVE_INFINITY;

  constructor(options: FramesOptions<Loaded>) {
    this.#options = options;
  }

  /** Gives up the frame that is on its way; the open one stays. */
  cancel(): void {
    this.#opening?.abort();
    this.#opening = null;
  }

  /**
   * Loads a frame and shows it once its points and its labels are there. A later call takes the place of one
   * that is under way. While the server cannot be reached it tries again, and the frame before stays.
   */
  async open(frame: string): Promise<void> {
    this.cancel();
    const opening = new AbortController();
    this.#opening = opening;
    const { session, isPassing, pause } = this.#options;
    for (let attempt = 0; !opening.signal.aborted; attempt++) {
      try {
        await this.#tryOpen(frame, opening.signal);
        return;
      } catch (error) {
        if (opening.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        if (!isPassing(error)) {
          session.store.set({ opening: null });
          session.say(`The frame ${frame} cannot be opened: ${problem}`, 'error', 'frame');
          return;
        }
        const { opening: wanted } = session.state;
        if (wanted !== null) session.store.set({ opening: { ...wanted, problem } });
        await pause(attempt, opening.signal).catch(() => undefined);
      }
    }
  }

  async #tryOpen(frame: string, signal: AbortSignal): Promise<void> {
    const { session, view, openLabels, isInHand, onShown } = this.#options;
    const [loaded] = await Promise.all([view.load(frame, signal), openLabels(frame)]);
    // What was begun in the open frame ends in it.
    while (isInHand() && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, HAND_LOOK_MS));
    signal.throwIfAborted();
    view.show(loaded);
    session.arrive(frame, loaded.summary.version, loaded.summary.hasColour);
    performance.mark('nearbox:frame-open', { detail: frame });
    onShown(this.#isFirst);
    this.#isFirst = false;
  }

  /**
   * To be called when the open frame's cloud has been replaced: shows the new points under the same boxes.
   */
  async reopen(): Promise<void> {
    const { session } = this.#options;
    const { frame } = session.state;
    const now = performance.now();
    const isTooSoon = now - this.#reopenedAt < CHANGES_APART_MS;
    this.#reopenedAt = now;
    if (frame === null) return;
    if (isTooSoon) {
      session.say(`The frame ${frame} keeps changing. Open it again later.`, 'error', 'frame');
      return;
    }
    await this.open(frame);
    session.say(`The frame ${frame} has changed on the server. Its new points are shown.`, 'warn');
  }

  /** To be called when the open frame has all of its points. */
  async prefetchNext(): Promise<void> {
    const { session, api } = this.#options;
    const { frames, frame } = session.state;
    const at = frames.indexOf(frame ?? '');
    const next = frames.slice(at + 1, at + 1 + FRAMES_AHEAD).filter((id) => !this.#prefetched.has(id));
    if (at === -1 || next.length === 0) return;
    for (const id of next) this.#prefetched.add(id);
    try {
      await api.prefetch(next);
      await this.#fetchCoarse(next[0]!);
    } catch {
      // The frame is loaded when it is opened, and opening it says what is wrong with it.
      for (const id of next) this.#prefetched.delete(id);
    }
  }

  /** Into the browser's cache, by the very URLs that opening the frame will ask for. */
  async #fetchCoarse(id: string): Promise<void> {
    const { api } = this.#options;
    const { version } = await api.cloud(id);
    const { nodes } = await api.listing(id, version, '0-0-0-0');
    const coarse = Object.keys(nodes).filter((name) => nodes[name]! > 0);
    for (const name of coarse.slice(0, NODES_AHEAD)) await api.node(id, version, name);
  }
}
