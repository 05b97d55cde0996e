/** Everything that the page shows. Panels and views listen to the store and draw what changed. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import type { Ontology } from '../../ontology/index.ts';
import type { ProfileOf } from '../api/index.ts';
import type { Face } from '../boxes/index.ts';
import type { ColourMode } from '../cloud/index.ts';
import { type DisplaySettings, INITIAL_DISPLAY } from '../display/index.ts';
import { EMPTY_WORK, type Work } from '../model/index.ts';

export type Theme = 'auto' | 'dark' | 'light';
export type Tool = 'click' | 'box' | 'lasso' | 'region' | 'measure';

/** A question that waits for its answer: where to show the marker, and the box that was drawn. */
export interface PendingQuestion {
  readonly id: number;
  readonly frame: string;
  readonly marker: Vec3;
  readonly drawn: Box | null;
}

/** How the last box came. */
export interface AnswerReport {
  /** From the release of the mouse button to the answer in the page, milliseconds. */
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

/**
 * What a message is about. It goes when that is over: `act` with the next thing that the annotator does,
 * `frame` when a frame is open, `server` when the server can be reached, `versions` when no box has two
 * versions, `ontology` when another message comes.
 */
export type Topic = 'act' | 'frame' | 'ontology' | 'server' | 'versions';

export interface Message {
  readonly text: string;
  readonly tone: 'info' | 'warn' | 'error';
  readonly topic: Topic;
}

/**
 * A frame on its way: the frame before it stays open, is shown and is edited until this one's points are
 * there.
 */
interface OpeningFrame {
  readonly frame: string;
  /** The object to select in it. */
  readonly select: string | null;
  /** Why it takes so long; null while all is well. */
  readonly problem: string | null;
}

/** Whether the work is saved. */
export interface SaveState {
  /**
   * saved: all of it is where it belongs. saving: on its way. offline: the server cannot be reached; the
   * browser keeps it and sends it later. failed: the server or the browser refused it; `detail` says why.
   */
  readonly status: 'saved' | 'saving' | 'offline' | 'failed';
  readonly where: 'storage' | 'browser';
  /** Frames that the storage does not have yet. */
  readonly unsent: number;
  readonly detail: string | null;
}

/** What the storage says of the labels of a frame that is not open. */
interface LabelsSummary {
  /** The version of the cloud that they were made for; null if unknown. */
  readonly version: string | null;
  readonly isDone: boolean;
  readonly accepted: number;
  readonly total: number;
}

/** How this project draws its boxes, and of how many objects that is known. */
export interface LearntProfile {
  readonly profile: ProfileOf['profile'];
  readonly counts: ProfileOf['counts'];
}

/** Objects that are carried through frames at the moment: boxes that are answered for, of all. */
interface TrackingState {
  readonly objects: number;
  readonly done: number;
  readonly total: number;
}

export interface PageState {
  /** All frames in their order. */
  readonly frames: readonly string[];
  /** The open frame: the one whose points are shown and whose boxes are edited. */
  readonly frame: string | null;
  /** The version of the open frame's cloud. */
  readonly cloudVersion: string | null;
  /** The versions of the clouds of frames, as far as an answer of the server has told them. */
  readonly cloudVersions: Readonly<Record<string, string>>;
  /** The points of the open frame may have colours of their own. */
  readonly hasColour: boolean;
  readonly opening: OpeningFrame | null;
  readonly work: Work;
  readonly summaries: Readonly<Record<string, LabelsSummary>>;
  readonly selected: string | null;
  /**
   * The object in hand: the one that was selected last, and is selected again in every frame that has it.
   * null once the annotator has let go of it.
   */
  readonly object: string | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly tracking: TrackingState | null;
  /** What was learnt of accepted boxes; null: nothing yet. */
  readonly learnt: LearntProfile | null;
  /** Boxes are fitted as this project draws them. */
  readonly usesProfile: boolean;
  /** Faces of the selected box that a hand has placed since it was fitted. */
  readonly placed: readonly Face[];
  /** The object that is to become one with the next one that is selected. */
  readonly merging: string | null;
  readonly pending: readonly PendingQuestion[];
  readonly answer: AnswerReport | null;
  readonly message: Message | null;
  readonly saving: SaveState;
  readonly isServerReachable: boolean;
  readonly isTimelineShown: boolean;
  /** The object in hand is shown in all frames. */
  readonly isGlanceShown: boolean;
  /** The sequence is shown merged by its poses. */
  readonly isMergedShown: boolean;
  /** Images of cameras are shown, where the server has them. */
  readonly isCamerasShown: boolean;
  /** The list of what is unlikely to be right is shown. */
  readonly isChecking: boolean;
  readonly tool: Tool;
  readonly display: DisplaySettings;
  /** Places that were clicked to measure between them: none, one or two. */
  readonly measured: readonly Vec3[];
  readonly colour: ColourMode;
  readonly theme: Theme;
  /** Fits and handles keep the size of the box: it is only moved and turned. */
  readonly keepSize: boolean;
  /**
   * The class of the next new box, if the annotator has chosen one. The one after it has no class chosen
   * again.
   */
  readonly nextClass: string | null;
  /** The project's own classes and attributes; null: those of nearbox. */
  readonly ontology: Ontology | null;
}

const INITIAL_STATE: PageState = {
  frames: [],
  frame: null,
  cloudVersion: null,
  cloudVersions: {},
  hasColour: false,
  opening: null,
  work: EMPTY_WORK,
  summaries: {},
  selected: null,
  object: null,
  canUndo: false,
  canRedo: false,
  tracking: null,
  learnt: null,
  usesProfile: true,
  placed: [],
  merging: null,
  pending: [],
  answer: null,
  message: null,
  saving: { status: 'saved', where: 'browser', unsent: 0, detail: null },
  isServerReachable: true,
  isTimelineShown: true,
  isGlanceShown: false,
  isMergedShown: false,
  isCamerasShown: false,
  isChecking: false,
  tool: 'click',
  display: INITIAL_DISPLAY,
  measured: [],
  colour: 'height',
  theme: 'auto',
  keepSize: false,
  nextClass: null,
  ontology: null,
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
