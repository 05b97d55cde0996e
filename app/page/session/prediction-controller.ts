/**
 * From a hint to a box: asks the server, and never leaves the annotator without an answer. Where the server
 * is late, unsure of a drawn box, or out of reach, the page's own geometric fit takes its place, and the
 * label says so.
 */
import { abortable } from '../../../cache/foundation/signals/index.ts';
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { insideTest, iou3d } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { Bounds } from '../../../octree/geometry/index.ts';
import type { ApiClient } from '../api/index.ts';
import { ApiError, type PageAnswer, type PageQuestion, pause, type WireRegion } from '../api/index.ts';
import type { Face } from '../boxes/index.ts';
import type { PointList } from '../cloud/index.ts';
import {
  className,
  findLabel,
  type Label,
  labelsOf,
  sameJson,
  shortId,
  UNSURE_SCORE,
} from '../model/index.ts';
import { classNamed, ownClassFor } from '../ontology/index.ts';
import type { Session } from './session.ts';
import type { AnswerReport, Topic } from './state.ts';

export interface AnnotatorHint {
  readonly region: WireRegion;
  /** The same hint in simpler words, for a server that cannot read this kind of region. */
  readonly simpler: WireRegion | null;
  /** The box that the annotator drew, if that is what they did. */
  readonly drawn: Box | null;
  /** Where to show that an answer is on its way. */
  readonly marker: Vec3;
  /** The label that the answer replaces: "fit again". */
  readonly replaces: string | null;
  /** Faces of the drawn box that stay where they are: the others are fitted around them. */
  readonly keep?: readonly Face[];
  /** When the mouse button was released, on the clock of performance.now(). */
  readonly startedAt: number;
}

/** The loaded points of the frame in which a question was asked; they stay those of that frame. */
export interface FramePoints {
  pointsIn(bounds: Bounds): PointList;
  /** Where the scanner stood, if that is known. */
  readonly sensor: Vec3 | null;
}

/** A fit without the server. null: the points are too few for it. */
export type LocalFit = (question: {
  readonly hint:
    | { readonly type: 'click'; readonly position: Vec3 }
    | { readonly type: 'box'; readonly box: Box };
  readonly class: ObjectClass | null;
  readonly size: Vec3 | null;
  readonly others: readonly Box[];
  readonly points: FramePoints;
}) => Promise<{ readonly box: Box; readonly class: ObjectClass; readonly score: number } | null>;

export interface PredictionControllerOptions {
  readonly api: Pick<ApiClient, 'predict'>;
  readonly localFit: LocalFit;
  /** The points of the open frame. */
  readonly points: () => FramePoints;
  /** After this long the page stops waiting and fits by itself, milliseconds. Default: 1500. */
  readonly lateAfterMs?: number;
  /** The deadline that the server is given, milliseconds. Default: 5000. */
  readonly deadlineMs?: number;
  /** Resolves after a while; rejects when the signal aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

type PredictionOutcome = { readonly answer: PageAnswer } | { readonly error: ApiError };

/** One question: what was asked, of which frame, and how to give it up. */
interface AskedQuestion {
  readonly hint: AnnotatorHint;
  readonly frame: string;
  readonly request: PageQuestion;
  /** The label that is to be fitted again, as it was when that was asked. */
  readonly replaced: Label | undefined;
  readonly points: FramePoints;
  readonly signal: AbortSignal;
}

/** Other boxes that go along with a question: the nearest ones. */
const MOST_OTHERS = 64;
const UNREADABLE = ['not_implemented', 'invalid_request'];
/** Boxes that overlap by more than this are about the same object. */
const SAME_OBJECT_IOU = 0.3;
const FITTED_HERE = 'The box was fitted in the page.';

export class PredictionController {
  readonly #session: Session;
  readonly #options: Required<PredictionControllerOptions>;
  readonly #running = new Map<number, AbortController>();
  /** After this long the page stops waiting and fits by itself, milliseconds. */
  lateAfterMs: number;
  #count = 0;

  constructor(session: Session, options: PredictionControllerOptions) {
    this.#session = session;
    this.#options = {
      lateAfterMs: 1500,
      deadlineMs: 5000,
      wait: pause,
      now: () => performance.now(),
      ...options,
    };
    this.lateAfterMs = this.#options.lateAfterMs;
  }

  /** Gives up the question that was asked last in the open frame. True if there was one. */
  cancelLast(): boolean {
    const { pending, frame } = this.#session.state;
    const last = pending.findLast((question) => question.frame === frame);
    if (last === undefined) return false;
    this.#running.get(last.id)?.abort(new DOMException('given up by the annotator', 'AbortError'));
    return true;
  }

  /**
   * Resolves with the id of the label that the hint led to, or null if it led to none. The box goes into the
   * frame that was open when the question was asked.
   */
  async ask(hint: AnnotatorHint): Promise<string | null> {
    const { frame, pending } = this.#session.state;
    if (frame === null) return null;
    const id = ++this.#count;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const request = this.#request(hint, frame);
    const question: AskedQuestion = {
      hint,
      frame,
      request,
      replaced: findLabel(this.#session.state.work, frame, hint.replaces),
      points: this.#options.points(),
      signal: controller.signal,
    };
    this.#session.store.set({
      pending: [...pending, { id, frame, marker: hint.marker, drawn: hint.drawn }],
      // A class that was chosen beforehand is for one box.
      nextClass: hint.replaces === null ? null : this.#session.state.nextClass,
    });
    try {
      return await abortable(this.#answer(question), controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      this.#session.say('The question was given up.');
      return null;
    } finally {
      controller.abort();
      this.#running.delete(id);
      this.#session.store.set({ pending: this.#session.state.pending.filter((other) => other.id !== id) });
    }
  }

  async #answer(question: AskedQuestion): Promise<string | null> {
    const answered = this.#predict(question.request, question);
    const late = this.#options.wait(this.lateAfterMs, question.signal).then(() => 'late' as const);
    late.catch(() => undefined);
    const first = await Promise.race([answered, late]);
    if (first !== 'late') return this.#settle(first, question);
    const id = await this.#fitHere(question, `The server is late. ${FITTED_HERE}`);
    const fitted = id === null ? undefined : findLabel(this.#session.state.work, question.frame, id);
    const outcome = await answered;
    question.signal.throwIfAborted();
    if (id === null) return this.#settle(outcome, question);
    if ('error' in outcome) return id;
    return this.#replaceFallback(fitted!, outcome.answer, question);
  }

  /** A late answer takes the place of the page's own fit, unless a hand was quicker. */
  #replaceFallback(fallback: Label, answer: PageAnswer, { hint, frame }: AskedQuestion): string {
    const now = findLabel(this.#session.state.work, frame, fallback.id);
    this.#report(hint, answer, null);
    if (
      now === undefined ||
      !sameJson(now.box, fallback.box) ||
      now.state === 'accepted' ||
      isUnsureOfDrawn(hint, answer)
    )
      return fallback.id;
    const { label, warning } = this.#compared(frame, labelFrom(answer), fallback.id);
    // A class that was chosen meanwhile stays.
    const isChosen = className(now) !== className(fallback);
    const own = isChosen ? now.ownClass : ownClassFor(this.#session.state.ontology, label.class);
    const kind = { class: isChosen ? now.class : label.class, ownClass: own };
    this.#session.update(frame, fallback.id, { ...label, ...kind }, 'late answer');
    if (warning !== null) this.#session.say(warning, 'warn');
    else if (answer.fallback === undefined) this.#session.say('The late answer has come.');
    return fallback.id;
  }

  async #settle(outcome: PredictionOutcome, question: AskedQuestion): Promise<string | null> {
    const { hint } = question;
    if ('error' in outcome) {
      const { error } = outcome;
      if (error.code === 'region_empty' && hint.drawn === null) {
        this.#session.say('There are no points here.', 'warn');
        return null;
      }
      const note = `${sentence(error.message)} ${FITTED_HERE}`;
      return this.#fitHere(question, note, { topic: error.code === 'unreachable' ? 'server' : 'act' });
    }
    const { answer } = outcome;
    if (isUnsureOfDrawn(hint, answer)) {
      const why = `The network is unsure (${answer.score.toFixed(2)}). Your box was fitted in the page.`;
      this.#report(hint, answer, why);
      const id = await this.#fitHere(question, why, { isReported: false });
      if (id !== null) return id;
    }
    this.#report(hint, answer, null);
    return this.#put(question, labelFrom(answer));
  }

  /** The page's own fit, or the drawn box as it is; null if there is neither. */
  async #fitHere(
    question: AskedQuestion,
    note: string,
    { isReported = true, topic = 'act' }: { readonly isReported?: boolean; readonly topic?: Topic } = {},
  ): Promise<string | null> {
    const { hint, request, points, signal } = question;
    if (hint.keep !== undefined) {
      // The page's own fit knows nothing of placed faces.
      this.#session.say(note.replace(FITTED_HERE, 'Your box was kept as it is.'), 'warn', topic);
      return hint.replaces;
    }
    const fit = await this.#options.localFit({
      hint: hint.drawn === null ? { type: 'click', position: hint.marker } : { type: 'box', box: hint.drawn },
      class: request.class ?? null,
      size: request.size ?? null,
      others: request.boxes ?? [],
      points,
    });
    signal.throwIfAborted();
    const { drawn } = hint;
    if (fit === null && drawn === null) {
      this.#session.say(
        note.replace(FITTED_HERE, 'There are too few points to fit a box in the page.'),
        'warn',
      );
      return null;
    }
    const own = fit === null ? note.replace(FITTED_HERE, 'Your box was kept as it is.') : note;
    const label: Omit<Label, 'id'> = {
      box: fit?.box ?? drawn!,
      class: request.class ?? fit?.class ?? 'car',
      state: 'draft',
      method: fit === null ? 'drawn' : 'local',
      score: fit?.score ?? null,
      note: own,
      edited: false,
      prediction: null,
    };
    if (isReported) {
      const roundTripMs = this.#options.now() - hint.startedAt;
      const { method, score } = label;
      this.#session.store.set({
        answer: { roundTripMs, method, score, note: own, timings: null, cost: null },
      });
    }
    const id = this.#put(question, label);
    if (id === null) return null;
    this.#session.say(findLabel(this.#session.state.work, question.frame, id)?.note ?? own, 'warn', topic);
    return id;
  }

  /** null: the label that was to be fitted again is not what it was, and what a hand has made of it stays. */
  #put({ hint, frame, replaced }: AskedQuestion, fitted: Omit<Label, 'id'>): string | null {
    if (hint.replaces !== null) {
      const now = findLabel(this.#session.state.work, frame, hint.replaces);
      if (now === undefined || !sameJson(now.box, replaced?.box) || now.state !== replaced?.state) {
        this.#session.say('The box was changed meanwhile: it was not fitted again.', 'warn');
        return null;
      }
    }
    const { label, warning } = this.#compared(frame, fitted, hint.replaces);
    let id = hint.replaces;
    if (id !== null) {
      const { class: _, ...change } = label;
      this.#session.refitted(frame, id, { ...change, state: 'draft' });
    } else id = this.#session.add(frame, label, `box of a ${label.class}`);
    if (warning !== null) this.#session.say(warning, 'warn');
    return id;
  }

  /** The label with a note if its object has a box already: another one than the label's own. */
  #compared(frame: string, label: Omit<Label, 'id'>, own: string | null) {
    const twin = labelsOf(this.#session.state.work, frame).find(
      ({ id, box }) => id !== own && isSameObject(box, label.box),
    );
    if (twin === undefined) return { label, warning: null };
    const warning = `This object has a box already: ${className(twin)} ${shortId(twin.id)}.`;
    return { label: { ...label, note: label.note === null ? warning : `${label.note} ${warning}` }, warning };
  }

  #request(hint: AnnotatorHint, frame: string): PageQuestion {
    const { work, keepSize, nextClass, ontology } = this.#session.state;
    const replaced = findLabel(work, frame, hint.replaces);
    const next = classNamed(ontology, nextClass);
    const chosen = replaced?.class ?? next?.like;
    const keep = hint.keep ?? [];
    const { learnt, usesProfile } = this.#session.state;
    const size = keep.length > 0 ? null : keepSize ? (replaced?.box.size ?? next?.size) : null;
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
      ...(keep.length > 0 ? { keep: [...keep] } : {}),
      ...(learnt !== null && usesProfile ? { profile: learnt.profile } : {}),
      ...(others.length > 0 ? { boxes: others } : {}),
    };
  }

  async #predict(
    request: PageQuestion,
    { hint, signal }: Pick<AskedQuestion, 'hint' | 'signal'>,
  ): Promise<PredictionOutcome> {
    const { api, deadlineMs } = this.#options;
    try {
      return { answer: await api.predict(request, { signal, timeoutMs: deadlineMs }) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (hint.simpler === null || !UNREADABLE.includes(error.code)) return { error };
      return this.#predict(
        { ...request, region: hint.simpler },
        { hint: { ...hint, simpler: null }, signal },
      );
    }
  }

  #report(hint: AnnotatorHint, answer: PageAnswer, note: string | null): void {
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
    if (note === null && fallback !== undefined) this.#session.say(fallbackNote(fallback), 'warn');
  }
}

/** A drawn box is worth more than a network that does not trust itself. */
function isUnsureOfDrawn({ drawn, keep }: AnnotatorHint, { method, score }: PageAnswer): boolean {
  return drawn !== null && keep === undefined && method === 'model' && score < UNSURE_SCORE;
}

/**
 * Boxes that overlap, or one of which has the other's middle in it: a part of the object is that object too.
 */
function isSameObject(a: Box, b: Box): boolean {
  return insideTest(a)(...b.center) || insideTest(b)(...a.center) || iou3d(a, b) > SAME_OBJECT_IOU;
}

function labelFrom(answer: PageAnswer): Omit<Label, 'id'> {
  const { id, box, score, method, fallback } = answer;
  const model = answer.model && `${answer.model.name} ${answer.model.version}`;
  return {
    box,
    class: answer.class,
    state: 'draft',
    method,
    score,
    note: fallback === undefined ? null : fallbackNote(fallback),
    edited: false,
    prediction: { id, box, ...(model === undefined ? {} : { model }) },
  };
}

function fallbackNote(why: string): string {
  return `The server fitted this box geometrically: ${why}.`;
}

/** A problem's text as a sentence. */
function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
