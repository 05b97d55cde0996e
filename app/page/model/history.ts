/**
 * Undo and redo of the annotator's steps. Only what a step changed is kept, so that it survives a reload and
 * merges.
 */
import { type Change, joinedChanges } from './changes.ts';

export interface UndoStep {
  /** Names the step while the page is open: what comes later can be added to it. */
  readonly key?: number | undefined;
  /** What was done, for the page to say. */
  readonly what: string;
  /** The frame where it was done. */
  readonly frame: string | null;
  readonly changes: readonly Change[];
}

/** What a reload keeps. */
export interface SavedHistory {
  readonly past: readonly UndoStep[];
  readonly future: readonly UndoStep[];
}

const DEFAULT_LIMIT = 500;

export class History {
  #past: UndoStep[] = [];
  #future: UndoStep[] = [];
  #merge: string | undefined;
  #lastKey = 0;
  readonly #limit: number;

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /**
   * Steps in a row with the same `merge` become one: the moves of one drag, one key held down. Returns the
   * step's key.
   */
  record(step: Omit<UndoStep, 'key'>, merge?: string): number {
    const last = this.#past.at(-1);
    const isSame = merge !== undefined && merge === this.#merge && last !== undefined;
    const key = (isSame ? last.key : undefined) ?? ++this.#lastKey;
    if (isSame)
      this.#past[this.#past.length - 1] = {
        ...step,
        key,
        changes: joinedChanges(last.changes, step.changes),
      };
    else this.#past.push({ ...step, key });
    if (this.#past.length > this.#limit) this.#past.shift();
    this.#merge = merge;
    this.#future = [];
    return key;
  }

  /** Adds what came of a step later on; false if it was taken back, or is too long ago. */
  amend(key: number, changes: readonly Change[]): boolean {
    const at = this.#past.findIndex((step) => step.key === key);
    if (at === -1) return false;
    const step = this.#past[at]!;
    this.#past[at] = { ...step, changes: joinedChanges(step.changes, changes) };
    return true;
  }

  /** Ends a run of merged steps: the next one with the same token is a step of its own. */
  seal(): void {
    this.#merge = undefined;
  }

  /** Grows with every step that is recorded. */
  get count(): number {
    return this.#lastKey;
  }

  /** The step to take back (`before`), or to make again (`after`); undefined if there is none. */
  next(to: 'before' | 'after'): UndoStep | undefined {
    return (to === 'before' ? this.#past : this.#future).at(-1);
  }

  /** The step to take back, or undefined if there is none. */
  undo(): UndoStep | undefined {
    const step = this.#past.pop();
    if (step !== undefined) this.#future.push(step);
    this.#merge = undefined;
    return step;
  }

  /** The step to make again, or undefined if there is none. */
  redo(): UndoStep | undefined {
    const step = this.#future.pop();
    if (step !== undefined) this.#past.push(step);
    this.#merge = undefined;
    return step;
  }

  save(): SavedHistory {
    return { past: [...this.#past], future: [...this.#future] };
  }

  restore({ past, future }: SavedHistory): void {
    // Keys are of the page that gave them.
    this.#past = past.map(({ key: _, ...step }) => step);
    this.#future = future.map(({ key: _, ...step }) => step);
    this.#merge = undefined;
  }
}
