/**
 * From a hint to a box: asks the server, and never leaves the annotator without an answer. Where the server is late, unsure of a drawn box or
 * out of reach, the page's own geometric fit stands in, and the label says so.
 */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { ApiClient } from '../api/client.ts';
import { ApiError, type PredictionAnswer, type PredictionRequest, type WireRegion } from '../api/types.ts';
import { CLASS_STYLES } from '../model/classes.ts';
import { findLabel, type Label, labelsOf, UNSURE_SCORE } from '../model/label.ts';
import type { Session } from './session.ts';
import type { AnswerReport } from './state.ts';

export interface Hint {
  readonly region: WireRegion;
  /** The same hint in simpler words, for a server that cannot read this kind of region. */
  readonly simpler: WireRegion | null;
  /** The box that the annotator drew, if that is what they did. */
  readonly drawn: Box | null;
  /** Where to show that an answer is on its way. */
  readonly marker: Vec3;
  /** The label that the answer replaces: "fit again". */
  readonly replaces: string | null;
  /** When the hand let go, on the clock of performance.now(). */
  readonly startedAt: number;
}

/** A fit without the server. Null if the points here are too few for it. */
export type LocalFit = (question: {
  readonly hint:
    | { readonly type: 'click'; readonly position: Vec3 }
    | { readonly type: 'box'; readonly box: Box };
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  readonly others: readonly Box[];
}) => Promise<{ readonly box: Box; readonly class: ObjectClass; readonly score: number } | null>;

export interface AskingOptions {
  readonly api: Pick<ApiClient, 'predict'>;
  readonly localFit: LocalFit;
  /** After this long the page stops waiting and fits by itself, milliseconds. Default: 1500. */
  readonly lateAfterMs?: number;
  /** The deadline that the server is given, milliseconds. Default: 5000. */
  readonly deadlineMs?: number;
  /** Resolves after a while; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

type Outcome = { readonly answer: PredictionAnswer } | { readonly error: ApiError };

/** Other boxes that go along with a question: the nearest ones. */
const MOST_OTHERS = 64;
const CANNOT_READ = ['not_implemented', 'invalid_request'];

export class Asking {
  readonly #session: Session;
  readonly #options: Required<AskingOptions>;
  readonly #running = new Map<number, AbortController>();
  /** After this long the page stops waiting and fits by itself, milliseconds. */
  lateAfterMs: number;
  #count = 0;

  constructor(session: Session, options: AskingOptions) {
    this.#session = session;
    this.#options = { lateAfterMs: 1500, deadlineMs: 5000, wait, now: () => performance.now(), ...options };
    this.lateAfterMs = this.#options.lateAfterMs;
  }

  /** Gives up the question asked last. True if there was one. */
  cancelLast(): boolean {
    const last = this.#session.state.pending.at(-1);
    if (last === undefined) return false;
    this.#running.get(last.id)?.abort(new DOMException('given up by the annotator', 'AbortError'));
    return true;
  }

  /** Resolves with the id of the label that the hint led to, or null if it led to none. */
  async ask(hint: Hint): Promise<string | null> {
    const { frame, pending } = this.#session.state;
    if (frame === null) return null;
    const id = ++this.#count;
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#session.store.set({ pending: [...pending, { id, frame, marker: hint.marker, drawn: hint.drawn }] });
    try {
      return await this.#answer(hint, frame, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      this.#session.say('given up');
      return null;
    } finally {
      controller.abort();
      this.#running.delete(id);
      this.#session.store.set({ pending: this.#session.state.pending.filter((other) => other.id !== id) });
    }
  }

  async #answer(hint: Hint, frame: string, signal: AbortSignal): Promise<string | null> {
    const question = this.#question(hint, frame);
    const answered = this.#predict(question, hint, signal);
    const late = this.#options.wait(this.lateAfterMs, signal).then(() => 'late' as const);
    late.catch(() => undefined);
    const first = await Promise.race([answered, late]);
    if (first !== 'late') return this.#settle(first, hint, question, frame);
    const id = await this.#standIn(
      hint,
      question,
      frame,
      'the answer is late: fitted geometrically in the page',
    );
    const standIn = id === null ? undefined : findLabel(this.#session.state.work, frame, id);
    const outcome = await answered;
    if (id === null) return this.#settle(outcome, hint, question, frame);
    if ('error' in outcome) return id;
    return this.#replaceStandIn(standIn!, outcome.answer, hint, frame);
  }

  /** A late answer takes the place of the stand-in, unless a hand was quicker. */
  #replaceStandIn(standIn: Label, answer: PredictionAnswer, hint: Hint, frame: string): string {
    const now = findLabel(this.#session.state.work, frame, standIn.id);
    this.#report(hint, answer, null);
    if (
      now === undefined ||
      now.box !== standIn.box ||
      now.state === 'accepted' ||
      isUnsureOfDrawn(hint, answer)
    )
      return standIn.id;
    this.#session.update(frame, standIn.id, labelOf(answer), 'late answer');
    if (answer.fallback === undefined) this.#session.say('the late answer has come');
    return standIn.id;
  }

  async #settle(
    outcome: Outcome,
    hint: Hint,
    question: PredictionRequest,
    frame: string,
  ): Promise<string | null> {
    if ('error' in outcome) {
      const { error } = outcome;
      if (error.code === 'region_empty' && hint.drawn === null) {
        this.#session.say('there are no points here', 'warn');
        return null;
      }
      return this.#standIn(hint, question, frame, `${error.message}: fitted geometrically in the page`);
    }
    const { answer } = outcome;
    if (isUnsureOfDrawn(hint, answer)) {
      const why = `the network is unsure (${answer.score.toFixed(2)}): your box, fitted geometrically`;
      this.#report(hint, answer, why);
      const id = await this.#standIn(hint, question, frame, why, false);
      if (id !== null) return id;
    }
    this.#report(hint, answer, null);
    return this.#put(hint, frame, labelOf(answer));
  }

  /** The page's own fit, or the drawn box as it is; null if there is neither. */
  async #standIn(
    hint: Hint,
    question: PredictionRequest,
    frame: string,
    note: string,
    isReported = true,
  ): Promise<string | null> {
    const fit = await this.#options.localFit({
      hint: hint.drawn === null ? { type: 'click', position: hint.marker } : { type: 'box', box: hint.drawn },
      class: question.class ?? null,
      size: question.size ?? null,
      others: question.boxes ?? [],
    });
    const chosen = question.class ?? fit?.class ?? 'car';
    const drawn = hint.drawn;
    if (fit === null && drawn === null) {
      this.#session.say(note, 'warn');
      return null;
    }
    const label: Omit<Label, 'id'> = {
      box: fit?.box ?? drawn!,
      class: chosen,
      state: 'draft',
      method: fit === null ? 'drawn' : 'local',
      score: fit?.score ?? null,
      note,
      edited: false,
      prediction: null,
    };
    this.#session.say(note, 'warn');
    if (isReported) {
      const roundTripMs = this.#options.now() - hint.startedAt;
      const { method, score } = label;
      this.#session.store.set({ answer: { roundTripMs, method, score, note, timings: null, cost: null } });
    }
    return this.#put(hint, frame, label);
  }

  #put(hint: Hint, frame: string, label: Omit<Label, 'id'>): string {
    const { work } = this.#session.state;
    if (hint.replaces !== null && findLabel(work, frame, hint.replaces) !== undefined) {
      const { class: _, ...change } = label;
      this.#session.update(frame, hint.replaces, { ...change, state: 'draft' }, 'fit again');
      return hint.replaces;
    }
    return this.#session.add(frame, label, `box of a ${label.class}`);
  }

  #question(hint: Hint, frame: string): PredictionRequest {
    const { work, keepSize, nextClass } = this.#session.state;
    const replaced = findLabel(work, frame, hint.replaces);
    const chosen = replaced?.class ?? nextClass;
    const size = keepSize ? (replaced?.box.size ?? (nextClass && CLASS_STYLES[nextClass].size)) : null;
    const away = ({ center }: Box) => Math.hypot(center[0] - hint.marker[0], center[1] - hint.marker[1]);
    const others = labelsOf(work, frame)
      .filter(({ id }) => id !== hint.replaces)
      .map(({ box }) => box)
      .sort((a, b) => away(a) - away(b))
      .slice(0, MOST_OTHERS);
    return {
      cloud: frame,
      region: hint.region,
      ...(chosen ? { class: chosen } : {}),
      ...(size ? { size } : {}),
      ...(others.length > 0 ? { boxes: others } : {}),
    };
  }

  async #predict(question: PredictionRequest, hint: Hint, signal: AbortSignal): Promise<Outcome> {
    const { api, deadlineMs } = this.#options;
    try {
      return { answer: await api.predict(question, { signal, timeoutMs: deadlineMs }) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (hint.simpler === null || !CANNOT_READ.includes(error.code)) return { error };
      return this.#predict({ ...question, region: hint.simpler }, { ...hint, simpler: null }, signal);
    }
  }

  #report(hint: Hint, answer: PredictionAnswer, note: string | null): void {
    const { method, score, timings, cost, fallback } = answer;
    const report: AnswerReport = {
      roundTripMs: this.#options.now() - hint.startedAt,
      method,
      score,
      note: note ?? fallback ?? null,
      timings,
      cost,
    };
    this.#session.store.set({ answer: report });
    if (note === null && fallback !== undefined)
      this.#session.say(`fitted geometrically: ${fallback}`, 'warn');
  }
}

/** A drawn box is worth more than a network that does not trust itself. */
function isUnsureOfDrawn({ drawn }: Hint, { method, score }: PredictionAnswer): boolean {
  return drawn !== null && method === 'model' && score < UNSURE_SCORE;
}

function labelOf(answer: PredictionAnswer): Omit<Label, 'id'> {
  const { id, box, score, method, fallback } = answer;
  return {
    box,
    class: answer.class,
    state: 'draft',
    method,
    score,
    note: fallback === undefined ? null : `fitted geometrically: ${fallback}`,
    edited: false,
    prediction: { id, box },
  };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
