/** What an annotator does: every change of the work goes through here and can be undone. Knows no DOM. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import { type ExchangeFrame, toExchange, toLabels } from '../formats/exchange.ts';
import { History } from '../model/history.ts';
import { EMPTY_WORK, findLabel, type Label, labelsOf, type Work } from '../model/label.ts';
import type { Saved } from '../model/storage-codec.ts';
import {
  addLabel,
  copyLabels,
  editBox,
  neighbourId,
  removeLabel,
  replaceFrames,
  updateLabel,
} from '../model/work.ts';
import { type Message, Store } from './state.ts';

interface Snapshot {
  readonly work: Work;
  /** Where the change was made, and what was selected after it. */
  readonly frame: string | null;
  readonly selected: string | null;
}

/** What a person decided about a fitted box: what feedback to the server will be made of. */
export interface Decision {
  readonly decision: 'accepted' | 'corrected' | 'rejected';
  readonly predictionId: string;
  readonly box: Box;
}

export interface SessionOptions {
  readonly onDecision?: (decision: Decision) => void;
}

export class Session {
  readonly store = new Store();
  readonly #history = new History<Snapshot>({ work: EMPTY_WORK, frame: null, selected: null });
  readonly #onDecision: (decision: Decision) => void;

  constructor({ onDecision = () => undefined }: SessionOptions = {}) {
    this.#onDecision = onDecision;
  }

  get state() {
    return this.store.state;
  }

  /** The selected label of the open frame. */
  get selected(): Label | undefined {
    const { work, frame, selected } = this.state;
    return frame === null ? undefined : findLabel(work, frame, selected);
  }

  /** Takes up saved work; it is where undo ends. */
  restore({ work, frame, selected }: Saved): void {
    this.#history.reset({ work, frame, selected });
    this.store.set({ work, selected, ...this.#reach() });
  }

  openFrame(frame: string): void {
    if (frame === this.state.frame) return;
    this.#history.seal();
    this.store.set({ frame, selected: null });
  }

  /** The frame `by` further on in the list, or null at its ends. */
  frameAt(by: number): string | null {
    const { frames, frame } = this.state;
    return frames[frames.indexOf(frame ?? '') + by] ?? null;
  }

  select(id: string | null): void {
    if (id === this.state.selected) return;
    this.#history.seal();
    this.store.set({ selected: id });
  }

  selectNeighbour(step: 1 | -1): void {
    const { work, frame, selected } = this.state;
    if (frame !== null) this.select(neighbourId(work, frame, selected, step));
  }

  /** A new box; selected at once if its frame is open. Returns its id. */
  add(frame: string, label: Omit<Label, 'id'>, what: string): string {
    const { work, id } = addLabel(this.state.work, frame, label);
    this.#commit(work, what, { frame, selected: id });
    return id;
  }

  /** Changes a label by anything but a hand: what a fit says. */
  update(frame: string, id: string, change: Partial<Omit<Label, 'id'>>, what: string): void {
    this.#commit(updateLabel(this.state.work, frame, id, change), what, {
      frame,
      selected: this.state.selected,
    });
  }

  /** The annotator's own change of the selected box. Steps in a row with the same `merge` are undone together. */
  edit(box: Box, what: string, merge?: string): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined || label.box === box) return;
    this.#commit(editBox(work, frame, label.id, box), what, { frame, selected: label.id, merge });
  }

  /** Ends a gesture: the next edit is a step of its own. */
  seal(): void {
    this.#history.seal();
  }

  setClass(chosen: ObjectClass): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) {
      this.store.set({ nextClass: this.state.nextClass === chosen ? null : chosen });
      return;
    }
    if (label.class === chosen) return;
    this.#commit(updateLabel(work, frame, label.id, { class: chosen }), `class ${chosen}`, {
      frame,
      selected: label.id,
    });
  }

  accept(): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    if (label.state !== 'accepted') {
      this.#commit(updateLabel(work, frame, label.id, { state: 'accepted' }), 'accept', {
        frame,
        selected: null,
      });
      this.#decide(label.edited ? 'corrected' : 'accepted', label);
    } else this.select(null);
  }

  /** Takes a box that is not accepted away; leaves an accepted one and only lets go of it. */
  reject(): void {
    const label = this.selected;
    if (label === undefined) return;
    if (label.state === 'accepted') this.select(null);
    else this.remove('reject');
  }

  remove(what = 'delete'): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    this.#commit(removeLabel(work, frame, label.id), what, { frame, selected: null });
    this.#decide('rejected', label);
  }

  /** Copies the selected box, or all of the frame, to the next frame and goes there. Returns that frame. */
  copyToNext(all: boolean): string | null {
    const { work, frame, selected } = this.state;
    const next = this.frameAt(1);
    if (frame === null || next === null) {
      this.say('this is the last frame');
      return null;
    }
    const ids = all || selected === null ? labelsOf(work, frame).map(({ id }) => id) : [selected];
    const copied = copyLabels(work, frame, next, ids);
    const chosen = selected !== null && findLabel(copied.work, next, selected) ? selected : null;
    if (copied.ids.length === 0) {
      this.openFrame(next);
      this.store.set({ selected: chosen });
      this.say('those objects have boxes in the next frame already');
      return next;
    }
    this.#commit(copied.work, 'copy to the next frame', { frame: next, selected: chosen });
    this.store.set({ frame: next, selected: chosen });
    this.say(
      copied.ids.length === 1 ? `object ${copied.ids[0]} copied` : `${copied.ids.length} boxes copied`,
    );
    return next;
  }

  /** Puts imported frames in the place of those of the same name. */
  importFrames(frames: readonly ExchangeFrame[]): void {
    const { work, frame } = this.state;
    const count = frames.reduce((total, { labels }) => total + labels.length, 0);
    this.#commit(replaceFrames(work, toLabels(frames, work.nextId)), 'import', { frame, selected: null });
    this.say(`${count} boxes imported in ${frames.length} frame${frames.length === 1 ? '' : 's'}`);
  }

  /** All frames that have boxes, in the order of the list. */
  exportFrames(): ExchangeFrame[] {
    const { work, frames } = this.state;
    const order = new Map(frames.map((frame, index) => [frame, index]));
    return Object.keys(work.frames)
      .filter((frame) => labelsOf(work, frame).length > 0)
      .sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity) || a.localeCompare(b))
      .map((frame) => ({ frame, labels: labelsOf(work, frame).map(toExchange) }));
  }

  undo(): void {
    const { frame } = this.#history.value;
    const undone = this.#history.undo();
    if (undone === undefined) return;
    this.#show(frame);
    this.say(`undone: ${undone}`);
  }

  redo(): void {
    const done = this.#history.redo();
    if (done === undefined) return;
    this.#show(this.#history.value.frame);
    this.say(`done again: ${done}`);
  }

  say(text: string, tone: Message['tone'] = 'info'): void {
    this.store.set({ message: { text, tone } });
  }

  /** Shows what history has now, in the frame where the change was. */
  #show(at: string | null): void {
    const { work, frame: madeIn, selected } = this.#history.value;
    const frame = at ?? this.state.frame;
    const still = frame !== null && madeIn === frame ? findLabel(work, frame, selected) : undefined;
    this.store.set({ work, frame, selected: still?.id ?? null, ...this.#reach() });
  }

  #commit(
    work: Work,
    what: string,
    { frame, selected, merge }: { frame: string | null; selected: string | null; merge?: string | undefined },
  ): void {
    this.#history.commit({ work, frame, selected }, what, merge === undefined ? {} : { merge });
    const isOpen = frame === this.state.frame;
    this.store.set({ work, ...(isOpen ? { selected } : {}), ...this.#reach() });
  }

  #reach() {
    return { canUndo: this.#history.canUndo, canRedo: this.#history.canRedo };
  }

  #decide(decision: Decision['decision'], { prediction, box }: Label): void {
    if (prediction !== null) this.#onDecision({ decision, predictionId: prediction.id, box });
  }
}
