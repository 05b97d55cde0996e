/** Undo and redo, of steps in whatever frames they were made. */
import type { History, UndoStep } from '../model/index.ts';
import type { Message, Store } from './state.ts';

/** What is replayed on. */
interface Replaying {
  readonly store: Store;
  openFrame(frame: string, select: string | null): void;
  /** Puts changes back as they were before or after a step. Returns how many others have changed since. */
  replay(changes: UndoStep['changes'], to: 'before' | 'after'): number;
  say(text: string, tone?: Message['tone']): void;
}

/**
 * Takes steps back (`before`), or makes them again (`after`), one after the other. After a reload the labels
 * of a step's frames may not be here yet; a step whose labels cannot be had stays to be undone.
 */
export class StepReplay {
  readonly #session: Replaying;
  readonly #history: History;
  readonly #prepareFrame: (frame: string) => Promise<void>;
  /** The presses that wait for labels; null: none does. */
  #waiting: Promise<void> | null = null;

  /** @param prepareFrame resolves when the labels of a frame are here */
  constructor(session: Replaying, history: History, prepareFrame: (frame: string) => Promise<void>) {
    this.#session = session;
    this.#history = history;
    this.#prepareFrame = prepareFrame;
  }

  run(to: 'before' | 'after'): void {
    const step = this.#history.next(to);
    if (this.#waiting === null && this.#unknownFrames(step).length === 0) {
      this.#replay(step, to);
      return;
    }
    const { count } = this.#history;
    const waiting = (this.#waiting ?? Promise.resolve())
      .then(() => this.#whenKnown(to, count))
      .finally(() => {
        if (this.#waiting === waiting) this.#waiting = null;
      });
    this.#waiting = waiting;
  }

  /** @param count how many steps there were when the key was pressed */
  async #whenKnown(to: 'before' | 'after', count: number): Promise<void> {
    const not = to === 'before' ? 'Not undone.' : 'Not done again.';
    const step = this.#history.next(to);
    try {
      await Promise.all(this.#unknownFrames(step).map((frame) => this.#prepareFrame(frame)));
    } catch (error) {
      this.#session.say(`${not} ${error instanceof Error ? error.message : String(error)}`, 'error');
      return;
    }
    // What the annotator has done since is not what was to be undone.
    if (this.#history.count === count) this.#replay(step, to);
    else this.#session.say(`${not} Something else was done meanwhile.`, 'warn');
  }

  #unknownFrames(step: UndoStep | undefined): string[] {
    const { frames } = this.#session.store.state.work;
    const all = new Set(step?.changes.map(({ frame }) => frame));
    return [...all].filter((frame) => frames[frame] === undefined);
  }

  #replay(step: UndoStep | undefined, to: 'before' | 'after'): void {
    if (step === undefined) return;
    if (to === 'before') this.#history.undo();
    else this.#history.redo();
    const { changes, frame, what } = step;
    const session = this.#session;
    const said = to === 'before' ? `Undone: ${what}.` : `Done again: ${what}.`;
    const last = changes.findLast(
      (change) => change.kind === 'label' && change.frame === frame && change[to] !== null,
    );
    const selected = last?.kind === 'label' && changes.length === 1 ? last.id : null;
    const skipped = session.replay(changes, to);
    if (frame === session.store.state.frame) session.store.set({ selected });
    else if (frame !== null) session.openFrame(frame, selected);
    if (skipped === 0) session.say(said);
    else
      session.say(
        `${said} ${skipped === 1 ? '1 box is' : `${skipped} boxes are`} changed since by somebody else and left as is.`,
        'warn',
      );
  }
}
