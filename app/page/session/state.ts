/** Everything the page shows, and the store that tells who listens when it changes. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { ColourMode } from '../cloud/colour-map.ts';
import { EMPTY_WORK, type Work } from '../model/label.ts';

export type Tool = 'click' | 'box' | 'lasso';
export type Theme = 'auto' | 'dark' | 'light';

/** A question that waits for its answer: where to show the marker, and the box that was drawn. */
export interface Pending {
  readonly id: number;
  readonly frame: string;
  readonly marker: Vec3;
  readonly drawn: Box | null;
}

/** How the last box came, for the small print. */
export interface AnswerReport {
  /** From the hand's release to the answer in the page, milliseconds. */
  readonly roundTripMs: number;
  readonly method: string;
  readonly score: number | null;
  readonly note: string | null;
  readonly timings: Readonly<Record<string, number>> | null;
  readonly cost: {
    readonly nodes: number;
    readonly bytes: number;
    readonly memory: number;
    readonly disk: number;
    readonly origin: number;
  } | null;
}

export interface Message {
  readonly text: string;
  readonly tone: 'info' | 'warn' | 'error';
}

export interface PageState {
  readonly frames: readonly string[];
  readonly frame: string | null;
  readonly work: Work;
  readonly selected: string | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly pending: readonly Pending[];
  readonly answer: AnswerReport | null;
  readonly message: Message | null;
  readonly tool: Tool;
  readonly colour: ColourMode;
  readonly theme: Theme;
  /** Fits and handles keep the size of the box: it is only moved and turned. */
  readonly keepSize: boolean;
  /** The class that new boxes get, if the annotator has chosen one beforehand. */
  readonly nextClass: ObjectClass | null;
}

export const INITIAL_STATE: PageState = {
  frames: [],
  frame: null,
  work: EMPTY_WORK,
  selected: null,
  canUndo: false,
  canRedo: false,
  pending: [],
  answer: null,
  message: null,
  tool: 'click',
  colour: 'height',
  theme: 'auto',
  keepSize: false,
  nextClass: null,
};

export type Listener = (state: PageState, before: PageState) => void;

export class Store {
  #state: PageState;
  readonly #listeners = new Set<Listener>();

  constructor(initial: PageState = INITIAL_STATE) {
    this.#state = initial;
  }

  get state(): PageState {
    return this.#state;
  }

  set(change: Partial<PageState>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#state, before);
  }

  /** Calls back on every change, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
