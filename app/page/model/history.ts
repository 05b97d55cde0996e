/** Undo and redo by whole values: nothing that is changed through `commit` can be forgotten. */

export interface Step<T> {
  readonly value: T;
  /** What was done to get here, for the page to say. */
  readonly what: string;
}

export interface CommitOptions {
  /** Steps in a row with the same token become one: the moves of one drag, one key held down. */
  readonly merge?: string;
}

const DEFAULT_LIMIT = 500;

export class History<T> {
  #past: Step<T>[] = [];
  #present: Step<T>;
  #future: Step<T>[] = [];
  #merge: string | undefined;
  readonly #limit: number;

  constructor(initial: T, limit = DEFAULT_LIMIT) {
    this.#present = { value: initial, what: 'start' };
    this.#limit = limit;
  }

  get value(): T {
    return this.#present.value;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Begins anew: what was before is forgotten. */
  reset(value: T): void {
    this.#past = [];
    this.#future = [];
    this.#merge = undefined;
    this.#present = { value, what: 'start' };
  }

  commit(value: T, what: string, { merge }: CommitOptions = {}): void {
    if (merge === undefined || merge !== this.#merge) {
      this.#past.push(this.#present);
      if (this.#past.length > this.#limit) this.#past.shift();
    }
    this.#merge = merge;
    this.#present = { value, what };
    this.#future = [];
  }

  /** Ends a run of merged steps: the next one with the same token is a step of its own. */
  seal(): void {
    this.#merge = undefined;
  }

  /** What was undone, or undefined if there is nothing to undo. */
  undo(): string | undefined {
    const before = this.#past.pop();
    if (before === undefined) return undefined;
    const undone = this.#present;
    this.#future.push(undone);
    this.#present = before;
    this.#merge = undefined;
    return undone.what;
  }

  /** What was done again, or undefined. */
  redo(): string | undefined {
    const next = this.#future.pop();
    if (next === undefined) return undefined;
    this.#past.push(this.#present);
    this.#present = next;
    this.#merge = undefined;
    return next.what;
  }
}
