/** What an annotator does: every change of the work goes through here and can be undone. It knows no DOM. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { AttributeValue, OwnAttribute } from '../../ontology/index.ts';
import { knownTilt, placedFaces } from '../boxes/index.ts';
import { type DisplaySettings, INITIAL_DISPLAY, shownLabels } from '../display/index.ts';
import type { ExchangeFrame } from '../exchange/index.ts';
import {
  ABSENT,
  addLabel,
  changesBetween,
  className,
  editBox,
  type FrameLabels,
  findLabel,
  frameOf,
  History,
  type Label,
  labelsOf,
  neighbourId,
  removeLabel,
  resolveConflict,
  type SavedHistory,
  sequenceOf,
  setDone,
  setMissing,
  shortId,
  type Tilt,
  type UndoStep,
  updateLabel,
  type Work,
  withChanges,
  withFrame,
} from '../model/index.ts';
import { classNamed, isOfFrame, ownClassFor } from '../ontology/index.ts';
import { exportedFrames, withImported } from './exchanged-frames.ts';
import { withAttribute, withCopies, withObjectClass } from './object-changes.ts';
import { isOfOtherVersion } from './other-versions.ts';
import { StepReplay } from './replay-step.ts';
import { type Message, Store, type Topic } from './state.ts';

/** What a person decided about a fitted box: feedback to the server is made of it. */
export interface Decision {
  readonly outcome: 'accepted' | 'corrected' | 'rejected';
  readonly frame: string;
  readonly label: Label;
  /** The version of the cloud that the box was made for; null if unknown. */
  readonly cloudVersion: string | null;
}

/** A box was changed by hand, or fitted again for the annotator. */
export interface BoxEdit {
  readonly frame: string;
  readonly before: Label;
  readonly after: Label;
  /** The undo step of the edit; see `amend`. */
  readonly step: number | null;
}

export interface SessionOptions {
  readonly onDecision?: (decision: Decision) => void;
  readonly onEdit?: (edit: BoxEdit) => void;
  /** True while a hand is in the middle of something with the selected box. Default: never. */
  readonly isInHand?: () => boolean;
  /**
   * Resolves when the labels of a frame are known; needed before boxes are put into a frame that is not open.
   */
  readonly prepareFrame?: (frame: string) => Promise<void>;
}

export class Session {
  readonly store = new Store();
  readonly #history = new History();
  readonly #options: Required<SessionOptions>;
  readonly #replays: StepReplay;
  /** The box of the open frame that was selected last: from there one goes on to the next. */
  #last: string | null = null;

  constructor(options: SessionOptions = {}) {
    this.#options = {
      onDecision: () => undefined,
      onEdit: () => undefined,
      isInHand: () => false,
      prepareFrame: async () => undefined,
      ...options,
    };
    this.#replays = new StepReplay(this, this.#history, this.#options.prepareFrame);
    this.store.subscribe((state, before) => {
      if (state.selected !== null || state.frame !== before.frame) this.#last = state.selected;
    });
  }

  get state() {
    return this.store.state;
  }

  /** The selected label of the open frame. */
  get selected(): Label | undefined {
    const { work, frame, selected } = this.state;
    return frame === null ? undefined : findLabel(work, frame, selected);
  }

  /** The steps that undo and redo know, for a reload to keep. */
  get history(): SavedHistory {
    return this.#history.save();
  }

  restoreHistory(saved: SavedHistory): void {
    this.#history.restore(saved);
    this.store.set(this.#reach());
  }

  /**
   * Wants a frame. The open one stays until `arrive` says that the points of the wanted one are there.
   * @param select the object to select there
   */
  openFrame(frame: string, select: string | null = null): void {
    const { opening } = this.state;
    // What a hand is in the middle of goes on until the frame is there.
    if (frame !== this.state.frame) {
      if (opening?.frame !== frame || opening.select !== select)
        this.store.set({ opening: { frame, select, problem: null } });
      return;
    }
    this.#history.seal();
    if (opening !== null) this.store.set({ opening: null });
    if (select !== null) this.select(select);
  }

  /** The points of a frame are there: it is the open one from now on. */
  arrive(frame: string, cloudVersion: string, hasColour = false): void {
    const { opening, work, message } = this.state;
    const wanted = (opening?.frame === frame ? opening.select : null) ?? this.state.object;
    const current = frameOf(work, frame);
    // Labels that nobody has made yet are of this version.
    const isNew = current.cloudVersion !== cloudVersion && current.labels.length === 0 && !current.isDone;
    this.#history.seal();
    this.store.set({
      frame,
      cloudVersion,
      cloudVersions: { ...this.state.cloudVersions, [frame]: cloudVersion },
      hasColour,
      opening: opening?.frame === frame ? null : opening,
      placed: frame === this.state.frame ? this.state.placed : [],
      measured: frame === this.state.frame ? this.state.measured : [],
      selected:
        findLabel(work, frame, wanted)?.id ?? (frame === this.state.frame ? this.state.selected : null),
      ...(isNew ? { work: withFrame(work, frame, { cloudVersion }) } : {}),
      ...(message?.topic === 'frame' ? { message: null } : {}),
    });
  }

  /** The labels of a frame as they are kept: not a step of this annotator, and not undone by them. */
  takeFrame(frame: string, labels: FrameLabels): void {
    const { work: before } = this.state;
    const work = { ...before, frames: { ...before.frames, [frame]: labels } };
    const isGone = frame === this.state.frame && findLabel(work, frame, this.state.selected) === undefined;
    this.store.set({ work, ...(isGone ? { selected: null } : {}) });
  }

  /** New objects get numbers from here on. */
  numberFrom(nextId: number): void {
    this.store.set({ work: { ...this.state.work, nextId } });
  }

  /** True if the boxes of the open frame, or its mark as done, were made for another version of its cloud. */
  get isOfAnotherVersion(): boolean {
    const { frame } = this.state;
    return frame !== null && isOfOtherVersion(this.state, frame);
  }

  /** An answer of the server has told the versions of the clouds of these frames. */
  knowVersions(versions: Readonly<Record<string, string>>): void {
    this.store.set({ cloudVersions: { ...this.state.cloudVersions, ...versions } });
  }

  /** The annotator has looked at boxes of another version, and they fit this one too. */
  confirmVersion(): void {
    const { frame, cloudVersion, work } = this.state;
    if (frame !== null) this.store.set({ work: withFrame(work, frame, { cloudVersion }) });
  }

  /**
   * The frame `by` further on in the list from the one that is wanted or open; null at the ends of the list.
   */
  frameAt(by: number): string | null {
    const { frames, frame, opening } = this.state;
    return frames[frames.indexOf(opening?.frame ?? frame ?? '') + by] ?? null;
  }

  select(id: string | null): void {
    if (id === this.state.selected && id === this.state.object) return;
    this.#history.seal();
    this.store.set({ selected: id, object: id, placed: [] });
  }

  selectNeighbour(step: 1 | -1): void {
    const { work, frame, selected, display } = this.state;
    if (frame === null) return;
    const shown = shownLabels(labelsOf(work, frame), display, selected);
    this.select(neighbourId(shown, selected ?? this.#last, step));
  }

  /**
   * A new box; selected at once if its frame is open and no hand is in the middle of something. Returns its
   * id.
   */
  add(frame: string, label: Omit<Label, 'id'>, what: string): string {
    const own = label.ownClass ?? ownClassFor(this.state.ontology, label.class);
    const named = own === undefined ? label : { ...label, ownClass: own };
    const { work, id } = addLabel(this.state.work, frame, named);
    this.#commit(work, what, { frame, selected: this.#options.isInHand() ? this.state.selected : id });
    return id;
  }

  /** A step that a function of the work makes. Returns its key for `amend`; null if nothing changed. */
  apply(what: string, change: (work: Work) => Work, selected = this.state.selected): number | null {
    return this.#commit(change(this.state.work), what, { frame: this.state.frame, selected });
  }

  /** Adds to a step what came of it later. False, and nothing is changed, if the step was taken back. */
  amend(step: number, change: (work: Work) => Work): boolean {
    const work = change(this.state.work);
    if (!this.#history.amend(step, changesBetween(this.state.work, work))) return false;
    const { frame, selected } = this.state;
    const isGone = frame !== null && findLabel(work, frame, selected) === undefined;
    this.store.set({ work, ...(isGone ? { selected: null } : {}) });
    return true;
  }

  /** Somebody has decided about a box. */
  decided(outcome: Decision['outcome'], frame: string, label: Label): void {
    const { cloudVersion } = frameOf(this.state.work, frame);
    this.#options.onDecision({ outcome, frame, label, cloudVersion });
  }

  /** A box that was fitted again for the annotator: a keyframe, if its object has a track. */
  refitted(frame: string, id: string, change: Partial<Omit<Label, 'id'>>): void {
    const before = findLabel(this.state.work, frame, id);
    if (before === undefined) return;
    const track = before.track && { ...before.track, status: 'keyframe' as const };
    const work = updateLabel(this.state.work, frame, id, { ...change, ...(track && { track }) });
    const step = this.#commit(work, 'fit again', { frame, selected: this.state.selected });
    this.#options.onEdit({ frame, before, after: findLabel(work, frame, id)!, step });
  }

  /** Changes a label by anything but a hand: what a fit says. */
  update(frame: string, id: string, change: Partial<Omit<Label, 'id'>>, what: string): void {
    this.#commit(updateLabel(this.state.work, frame, id, change), what, {
      frame,
      selected: this.state.selected,
    });
  }

  /**
   * The annotator's own change of the selected box. Steps in a row with the same `merge` are undone together.
   */
  edit(box: Box, what: string, merge?: string): void {
    const { frame, selected } = this.state;
    if (frame === null || selected === null) return;
    this.editIn({ frame, id: selected }, box, what, merge);
  }

  /** As `edit`, of a box in any frame. The open frame and the selection stay. */
  editIn(
    { frame, id }: { readonly frame: string; readonly id: string },
    box: Box,
    what: string,
    merge?: string,
  ): void {
    const { work, frame: open, selected } = this.state;
    const before = findLabel(work, frame, id);
    if (before === undefined || before.box === box) return;
    const edited = editBox(work, frame, id, box);
    const placed = new Set([...this.state.placed, ...placedFaces(before.box, box)]);
    const step = this.#commit(edited, what, { frame: open, selected, merge });
    if (frame === open && id === selected && placed.size > this.state.placed.length)
      this.store.set({ placed: [...placed] });
    this.#options.onEdit({ frame, before, after: findLabel(edited, frame, id)!, step });
  }

  /** Pitch and roll of the selected box, by hand. */
  setTilt(change: Partial<Tilt>, merge: string): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    const tilt = knownTilt({ ...(label.tilt ?? { pitch: 0, roll: 0 }), ...change });
    const turned = updateLabel(editBox(work, frame, label.id, label.box), frame, label.id, { tilt });
    this.#commit(turned, 'tilt', { frame, selected: label.id, merge });
  }

  /** Other settings of what is shown. */
  setDisplay(change: Partial<DisplaySettings>): void {
    this.store.set({ display: { ...this.state.display, ...change } });
  }

  /** Hides the selected object in all frames, and lets go of it. */
  hideSelected(): void {
    const label = this.selected;
    if (label === undefined) return;
    this.setDisplay({ hidden: [...new Set([...this.state.display.hidden, label.id])] });
    this.select(null);
    this.say(`Object ${shortId(label.id)} is hidden. Alt+K shows all.`);
  }

  /** Shows all boxes and points again. */
  showAll(): void {
    const { filter, hidden, isIsolated, heights, hidesGround, region } = INITIAL_DISPLAY;
    this.setDisplay({ filter, hidden, isIsolated, heights, hidesGround, region });
    this.say('All boxes and points are shown.');
  }

  /** Ends a gesture: the next edit is a step of its own. */
  seal(): void {
    this.#history.seal();
  }

  /** The class of the selected box; without one, of the next new box only. */
  setClass(chosen: string): void {
    const { work, frame, ontology } = this.state;
    const label = this.selected;
    const kind = classNamed(ontology, chosen);
    if (kind === undefined) return;
    if (frame === null || label === undefined) {
      this.store.set({ nextClass: this.state.nextClass === chosen ? null : chosen });
      return;
    }
    if (className(label) === chosen) return;
    const all = sequenceOf(this.state.frames, frame);
    const { work: changed, count } = withObjectClass(work, all, label.id, kind);
    this.#commit(changed, `class ${chosen}`, { frame, selected: label.id });
    if (count > 1) this.say(`Object ${shortId(label.id)} is a ${chosen} in all of its ${count} frames.`);
  }

  /**
   * The value of an attribute of the selected box; null: none. One of an object is the same in all of its
   * frames.
   */
  setAttribute(attribute: OwnAttribute, value: AttributeValue | null): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    const { name } = attribute;
    const frames = isOfFrame(attribute) ? [frame] : sequenceOf(this.state.frames, frame);
    const { work: changed, count } = withAttribute(work, frames, label.id, name, value);
    this.#commit(changed, `${name}`, { frame, selected: label.id });
    if (count > 1) this.say(`${name} of object ${shortId(label.id)} was set in all of its ${count} frames.`);
  }

  accept(): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    if (label.state === 'accepted') {
      this.select(null);
      return;
    }
    this.#commit(updateLabel(work, frame, label.id, { state: 'accepted' }), 'accept', {
      frame,
      selected: null,
    });
    // A track is gone through frame by frame: it stays in hand.
    if (label.track !== undefined) this.store.set({ object: label.id });
    this.decided(label.edited ? 'corrected' : 'accepted', frame, label);
  }

  /**
   * Lets go of one thing: the frame that is on its way, the class of the next box, or the selected box.
   * Nothing is deleted.
   */
  letGo(): void {
    if (this.state.tool === 'measure' || this.state.tool === 'region')
      this.store.set({ tool: 'click', measured: [] });
    else if (this.state.opening !== null && this.state.frame !== null) this.store.set({ opening: null });
    else if (this.state.nextClass !== null) this.store.set({ nextClass: null });
    else this.select(null);
  }

  /** Deletes the selected box. Of a fitted one, that says that the fit was wrong. */
  remove(): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    const removed = removeLabel(work, frame, label.id);
    // In a track that says that the object is not there: what lies around does not fill the place again.
    const isTracked = label.track !== undefined;
    const gone = isTracked ? setMissing(removed, frame, label.id, ABSENT) : removed;
    this.#commit(gone, 'delete', { frame, selected: null });
    if (isTracked) {
      this.store.set({ object: label.id });
      this.say(`Object ${shortId(label.id)} is absent here. Shift-Delete deletes it from here on.`);
    }
    this.decided('rejected', frame, label);
  }

  /** Of two versions of one object, keeps the selected one. */
  keepThisVersion(): void {
    const { work, frame } = this.state;
    const label = this.selected;
    if (frame === null || label === undefined) return;
    const id = label.conflictsWith ?? label.id;
    this.#commit(resolveConflict(work, frame, label.id), 'keep one of two versions', { frame, selected: id });
  }

  /** Marks the open frame as done, or as open again. */
  toggleDone(): void {
    const { work, frame } = this.state;
    if (frame === null) return;
    const isDone = !frameOf(work, frame).isDone;
    this.#commit(setDone(work, frame, isDone), isDone ? 'frame done' : 'frame open again', {
      frame,
      selected: this.state.selected,
    });
    const drafts = labelsOf(work, frame).filter(({ state }) => state === 'draft').length;
    if (isDone && drafts > 0)
      this.say(
        `The frame is marked as done. ${drafts === 1 ? '1 box is' : `${drafts} boxes are`} in it not accepted yet.`,
        'warn',
      );
  }

  /**
   * Copies the selected box, or all of the frame, to the next frame and goes there. Resolves with that frame.
   */
  async copyToNext(all: boolean): Promise<string | null> {
    const { work, frame, selected } = this.state;
    const next = frame === null ? null : (this.state.frames[this.state.frames.indexOf(frame) + 1] ?? null);
    if (frame === null || next === null) {
      this.say('This is the last frame.');
      return null;
    }
    const ids = all || selected === null ? labelsOf(work, frame).map(({ id }) => id) : [selected];
    // What is copied is what was there when the key was pressed.
    const copies = labelsOf(work, frame);
    try {
      await this.#options.prepareFrame(next);
    } catch (error) {
      this.say(`Nothing was copied. ${error instanceof Error ? error.message : String(error)}`, 'error');
      return null;
    }
    const copied = withCopies(this.state.work, { from: frame, labels: copies }, next, ids);
    if (copied.ids.length > 0) this.#commit(copied.work, 'copy to the next frame', { frame: next, selected });
    this.openFrame(next, selected);
    this.say(copied.said);
    return next;
  }

  /** Puts imported frames in the place of those of the same name. */
  async importFrames(imported: readonly ExchangeFrame[]): Promise<void> {
    for (const name of new Set(imported.map(({ frame }) => frame))) await this.#options.prepareFrame(name);
    const { work, frame, frames } = this.state;
    const { work: changed, said, tone } = withImported(work, frames, imported);
    this.#commit(changed, 'import', { frame, selected: null });
    this.say(said, tone);
  }

  /** All frames that have boxes, in the order of the list. */
  exportFrames(): ExchangeFrame[] {
    return exportedFrames(this.state.work, this.state.frames);
  }

  undo(): void {
    this.#replays.run('before');
  }

  redo(): void {
    this.#replays.run('after');
  }

  /** Puts changes back as they were before or after a step. Returns how many others have changed since. */
  replay(changes: UndoStep['changes'], to: 'before' | 'after'): number {
    const { work, skipped } = withChanges(this.state.work, changes, to);
    this.store.set({ work, ...this.#reach() });
    return skipped;
  }

  say(text: string, tone: Message['tone'] = 'info', topic: Topic = 'act'): void {
    this.store.set({ message: { text, tone, topic } });
  }

  /** What a message said is over. */
  unsay(topic: Topic): void {
    if (this.state.message?.topic === topic) this.store.set({ message: null });
  }

  #commit(
    work: Work,
    what: string,
    { frame, selected, merge }: { frame: string | null; selected: string | null; merge?: string | undefined },
  ): number | null {
    const changes = changesBetween(this.state.work, work);
    const step = changes.length === 0 ? null : this.#history.record({ what, frame, changes }, merge);
    const isOpen = frame === this.state.frame;
    const { selected: before, object } = this.state;
    const inHand = { selected, object: selected === before ? object : selected };
    this.store.set({ work, ...(isOpen ? inHand : {}), ...this.#reach() });
    return step;
  }

  #reach() {
    return { canUndo: this.#history.canUndo, canRedo: this.#history.canRedo };
  }
}
