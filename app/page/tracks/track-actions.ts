/** What keys and buttons do to the track of the object in hand. Each is one undo step. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import {
  ABSENT,
  findLabel,
  frameOf,
  isByHand,
  sequenceOf,
  shortId,
  updateLabel,
  type Work,
} from '../model/index.ts';
import type { Session } from '../session/index.ts';
import {
  deleteFrom,
  mergeTracks,
  overlaps,
  renamed,
  setAbsent,
  setLocked,
  setSize,
  setStatic,
  sizeSpread,
  splitTrack,
} from './edits.ts';
import { boxesOf, segmentAround, type TrackDirection, trackable, trackExtent } from './question.ts';
import {
  isDoubtful,
  isUnaccepted,
  nextPlace,
  nextToLookAt,
  type TimelinePlace,
  timelineRows,
} from './rows/index.ts';
import type { TrackController } from './track-controller.ts';

/** The object in hand, its sequence, and where in it the open frame is. */
interface InHand {
  readonly id: string;
  readonly frame: string;
  readonly frames: readonly string[];
  readonly at: number;
  readonly work: Work;
}

export class TrackActions {
  readonly #session: Session;
  readonly #controller: TrackController;
  readonly #sensor: () => Vec3 | null;

  constructor(session: Session, controller: TrackController, sensor: () => Vec3 | null) {
    this.#session = session;
    this.#controller = controller;
    this.#sensor = sensor;
    session.store.subscribe(({ merging, selected }) => {
      if (merging !== null && selected !== null && selected !== merging) void this.#merge(merging, selected);
    });
  }

  /** Carries the object in hand through its sequence. */
  async track(direction: TrackDirection): Promise<void> {
    const hand = this.#hand();
    if (hand === null) return;
    await this.#controller.track({ ids: [hand.id], direction, what: 'carry through the frames' });
  }

  /** Carries all objects of the open frame. */
  async trackAll(): Promise<void> {
    const { frame, work } = this.#session.state;
    const ids = frame === null ? [] : trackable(work, frame);
    if (ids.length === 0) this.#session.say('There are no boxes here to carry through the frames.', 'warn');
    else await this.#controller.track({ ids, what: `carry ${ids.length} objects through the frames` });
  }

  toggleLock(): void {
    const label = this.#session.selected;
    const hand = this.#hand();
    if (label === undefined || hand === null) return;
    const isLocked = label.track?.isLocked !== true;
    const what = isLocked ? 'lock' : 'unlock';
    this.#session.apply(what, (work) => setLocked(work, hand.frame, hand.id, isLocked));
    this.#session.say(isLocked ? 'Locked: no track moves this box.' : 'No longer locked.');
  }

  /** The object is not in this frame, or it is after all. What lies around is fitted again. */
  async toggleAbsent(): Promise<void> {
    const hand = this.#hand();
    if (hand === null) return;
    const { id, frame, frames, at } = hand;
    const isAbsent = frameOf(hand.work, frame).missing[id] !== ABSENT;
    if (isAbsent && findLabel(hand.work, frame, id)?.track?.isLocked === true) {
      this.#session.say('The box is locked here.', 'warn');
      return;
    }
    const extent = trackExtent(hand.work, frames, id);
    const what = isAbsent ? 'absent here' : 'here after all';
    const change = (work: Work) => setAbsent(work, frame, id, isAbsent);
    const step = this.#session.apply(what, change, isAbsent ? null : id);
    this.#session.store.set({ object: id });
    this.#session.say(
      isAbsent ? `Object ${shortId(id)} is absent here.` : `Object ${shortId(id)} may be here again.`,
    );
    const range = segmentAround(this.#session.state.work, frames, id, at) ?? (isAbsent ? null : extent);
    if (range !== null) await this.#controller.refit(id, { frame, range, step });
  }

  /** From this frame on it is another object. */
  async split(): Promise<void> {
    const hand = await this.#whole();
    if (hand === null) return;
    const { frames, at, id } = hand;
    const parts = splitTrack(this.#session.state.work, frames, at, id);
    if (parts.id === null) {
      this.#session.say('There is nothing to split: the object has boxes on one side only.', 'warn');
      return;
    }
    this.#session.apply('split the track', () => parts.work, parts.id);
    this.#session.say(`From here on it is object ${shortId(parts.id)}.`);
  }

  /** Waits for a second object, which becomes one with this one. */
  beginMerge(): void {
    const hand = this.#hand();
    if (hand === null) return;
    this.#session.store.set({ merging: hand.id });
    this.#session.say(`Select the box that is object ${shortId(hand.id)} as well. Esc gives up.`);
  }

  /** Gives a merge up; false if there was none. */
  cancelMerge(): boolean {
    const { store } = this.#session;
    if (store.state.merging === null) return false;
    store.set({ merging: null, message: null });
    return true;
  }

  /** Deletes the boxes from this frame on. */
  async deleteFromHere(): Promise<void> {
    const hand = await this.#whole();
    if (hand === null) return;
    const { frames, at, id } = hand;
    const count = boxesOf(this.#session.state.work, frames, id).filter(
      (label, k) => k >= at && label !== undefined,
    ).length;
    this.#session.apply('delete from here on', (work) => deleteFrom(work, frames, at, id), null);
    this.#session.say(`${count} boxes of object ${shortId(id)} were deleted.`);
  }

  /** Another id in all frames; an id that is in use elsewhere makes one object of the two. */
  async rename(to: string): Promise<void> {
    const hand = await this.#whole();
    if (hand === null || to === hand.id || to === '') return;
    const { frames, id } = hand;
    if (overlaps(this.#session.state.work, frames, id, to)) {
      this.#session.say(
        `Object ${shortId(to)} has boxes in the same frames. To make one of the two: Shift-M.`,
        'warn',
      );
      return;
    }
    this.#session.apply('another id', (work) => renamed(work, frames, id, to), to);
    this.#session.say(`Object ${shortId(id)} is object ${shortId(to)} in all frames.`);
  }

  /** Says that the object stands, or that it moves; the whole track is fitted again. */
  async toggleStatic(): Promise<void> {
    const hand = await this.#whole();
    if (hand === null) return;
    const { frames, id, frame, work } = hand;
    const track = boxesOf(work, frames, id).find((label) => label?.track !== undefined)?.track;
    const isStatic = track?.isStatic !== true;
    const step = this.#session.apply(isStatic ? 'stands' : 'moves', (now) =>
      setStatic(now, frames, id, isStatic),
    );
    await this.#refitWhole(hand, step, `Object ${shortId(id)} ${isStatic ? 'stands' : 'moves'}`, frame);
  }

  /** The size of the selected box in all frames. */
  async oneSize(): Promise<void> {
    const label = this.#session.selected;
    const hand = await this.#whole();
    if (label === undefined || hand === null) return;
    const { frames, id, frame } = hand;
    const { size } = label.box;
    const sensor = this.#sensor() ?? [0, 0, 0];
    const step = this.#session.apply('one size', (now) => setSize(now, frames, id, size, sensor));
    const spread = sizeSpread(this.#session.state.work, frames, id);
    const left = spread > 1e-6 ? ' in all frames where it is not locked' : ' in all frames';
    if (step === null) this.#session.say(`Object ${shortId(id)} has one size already.`);
    else await this.#refitWhole(hand, step, `Object ${shortId(id)} has one size${left}`, frame);
  }

  /** Accepts all boxes of the object; those to look at stay open. */
  async acceptTrack(): Promise<void> {
    const hand = await this.#whole();
    if (hand === null) return;
    const { frames, id } = hand;
    let [accepted, left] = [0, 0];
    this.#session.apply('accept the track', (work) =>
      frames.reduce((result, frame) => {
        const label = findLabel(result, frame, id);
        if (label === undefined || label.state === 'accepted') return result;
        if (isDoubtful(label) && !isByHand(label)) {
          left += 1;
          return result;
        }
        accepted += 1;
        this.#session.decided('accepted', frame, label);
        return updateLabel(result, frame, id, { state: 'accepted' });
      }, work),
    );
    const rest = left === 0 ? '' : ` ${left} ${left === 1 ? 'is' : 'are'} left to look at (Z).`;
    this.#session.say(
      `${accepted} boxes of object ${shortId(id)} were accepted.${rest}`,
      left === 0 ? 'info' : 'warn',
    );
  }

  /**
   * Goes to what should be looked at next: doubtful boxes and frames, then those that nobody has accepted.
   */
  lookAtNext(step: 1 | -1): void {
    const place = this.#from();
    if (place === null) return;
    const next = nextToLookAt(place.rows, place, step);
    if (next === null) this.#session.say('All boxes of this sequence are accepted.');
    else this.#goTo(next, place.frames);
  }

  nextUnaccepted(step: 1 | -1): void {
    const place = this.#from();
    if (place === null) return;
    const next = nextPlace(place.rows, place, isUnaccepted, step);
    if (next === null) this.#session.say('All boxes of this sequence are accepted.');
    else this.#goTo(next, place.frames);
  }

  #from() {
    const { frame, frames: all, work, object } = this.#session.state;
    if (frame === null) return null;
    const frames = sequenceOf(all, frame);
    return { rows: timelineRows(work, frames), frames, id: object, frame: frames.indexOf(frame) };
  }

  #goTo({ id, frame }: TimelinePlace, frames: readonly string[]): void {
    const { store } = this.#session;
    if (frames[frame] === store.state.frame && findLabel(store.state.work, frames[frame]!, id) !== undefined)
      this.#session.select(id);
    else {
      this.#session.openFrame(frames[frame]!, id);
      store.set({ object: id });
    }
  }

  async #merge(id: string, other: string): Promise<void> {
    this.#session.store.set({ merging: null });
    const hand = await this.#whole();
    if (hand === null) return;
    this.#session.apply('make one of two objects', (work) => mergeTracks(work, hand.frames, other, id), id);
    this.#session.say(`Object ${shortId(other)} is object ${shortId(id)} now.`);
  }

  async #refitWhole({ id, frames }: InHand, step: number | null, said: string, frame: string): Promise<void> {
    const { work } = this.#session.state;
    const extent = trackExtent(work, frames, id);
    const isTrack = boxesOf(work, frames, id).some((label) => label?.method === 'tracked');
    if (extent === null || !isTrack) {
      this.#session.say(`${said}.`);
      return;
    }
    this.#session.say(`${said}: the whole track is fitted again.`);
    await this.#controller.refit(id, { frame, range: extent, step });
  }

  /** As `#hand`, with the labels of all frames of the sequence known. */
  async #whole(): Promise<InHand | null> {
    const hand = this.#hand();
    if (hand === null) return null;
    try {
      await this.#controller.load(hand.frames);
    } catch (error) {
      this.#session.say(`Nothing was changed. ${error instanceof Error ? error.message : error}`, 'error');
      return null;
    }
    return { ...hand, work: this.#session.state.work };
  }

  #hand(): InHand | null {
    const { frame, frames: all, work, selected, object } = this.#session.state;
    const id = selected ?? object;
    if (frame === null || id === null) {
      this.#session.say('Select a box first.', 'warn');
      return null;
    }
    const frames = sequenceOf(all, frame);
    return { id, frame, frames, at: frames.indexOf(frame), work };
  }
}
