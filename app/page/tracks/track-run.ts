/** One question about tracks while it is answered: whose lines count, how far it is, and what it found. */
import type { TrackAnswerLine } from '../api/index.ts';
import type { AskedObject } from './question.ts';
import { isFailure, type TakenLine } from './take-lines.ts';

type Head = Extract<TrackAnswerLine, { track: unknown }>['track'];

export class TrackRun {
  readonly controller = new AbortController();
  /** The objects that this run still answers for. */
  readonly ids: Set<string>;
  readonly frames: readonly string[];
  readonly range: readonly [number, number];
  /** What undo calls it. */
  readonly what: string;
  /** The undo step that the lines go into; null until the first ones came. */
  step: number | null;
  readonly heads = new Map<string, Head>();
  readonly #classes: ReadonlyMap<string, AskedObject['class']>;
  readonly #chosen: ReadonlySet<string>;
  readonly #standing: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  readonly #final = new Set<string>();
  readonly #failed = new Set<string>();
  #waiting: TakenLine[] = [];

  constructor(options: {
    readonly objects: readonly AskedObject[];
    readonly frames: readonly string[];
    readonly range: readonly [number, number];
    readonly what: string;
    readonly step: number | null;
    /** Objects of which the annotator has said whether they stand. */
    readonly chosen: ReadonlySet<string>;
    /** Objects that stand, as far as is known. */
    readonly standing: ReadonlySet<string>;
  }) {
    this.ids = new Set(options.objects.map(({ id }) => id));
    this.frames = options.frames;
    this.range = options.range;
    this.what = options.what;
    this.step = options.step;
    this.#classes = new Map(options.objects.map((object) => [object.id, object.class]));
    this.#chosen = options.chosen;
    this.#standing = options.standing;
  }

  /** True for an object that stands: by what the server says, else by what was known. */
  stands(id: string): boolean {
    return this.heads.get(id)?.static ?? this.#standing.has(id);
  }

  /** Boxes that a line has come for, and all that are asked for. */
  get progress(): { readonly done: number; readonly total: number } {
    const [first, last] = this.range;
    return { done: this.#seen.size, total: (last - first + 1) * this.#classes.size };
  }

  /** Frames that could not be answered for. */
  get failures(): number {
    return this.#failed.size;
  }

  /** True if a frame of an object has its last line. */
  isAnswered(id: string, frame: number): boolean {
    return this.#final.has(`${frame} ${id}`);
  }

  take(line: TrackAnswerLine): void {
    if ('done' in line || line.id === null) return;
    if ('track' in line) {
      this.heads.set(line.id, line.track);
      return;
    }
    if (!this.ids.has(line.id)) return;
    const key = `${line.frame} ${line.id}`;
    this.#seen.add(key);
    if (line.final) this.#final.add(key);
    if (isFailure(line)) {
      this.#failed.add(key);
      return;
    }
    const found =
      'lost' in line ? { lost: line.lost } : { box: line.box, score: line.score, status: line.status };
    this.put(line.id, line.frame, found);
  }

  put(id: string, frame: number, found: TakenLine['found']): void {
    this.#waiting.push({
      id,
      frame: this.frames[frame]!,
      class: this.#classes.get(id) ?? 'other',
      isStatic: this.stands(id),
      isStaticChosen: this.#chosen.has(id),
      found,
    });
  }

  /** The lines that came since the last call. */
  drain(): readonly TakenLine[] {
    const lines = this.#waiting.filter(({ id }) => this.ids.has(id));
    this.#waiting = [];
    return lines;
  }
}
