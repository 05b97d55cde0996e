import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { ApiError, type TrackAnswerLine, type TrackAsk } from '../api/index.ts';
import { findLabel, frameOf, type Label, NO_LABELS } from '../model/index.ts';
import { Session } from '../session/index.ts';
import { pageAnswer } from '../testing/index.ts';
import { setStatic } from './edits.ts';
import { TrackActions } from './track-actions.ts';
import { TrackController } from './track-controller.ts';

const FRAMES = ['s/0', 's/1', 's/2', 's/3', 's/4'];
const BOX = pageAnswer().box as Box;
const at = (x: number): Box => ({ ...BOX, center: [x, BOX.center[1], BOX.center[2]] });

const drawn: Omit<Label, 'id'> = {
  box: at(0),
  class: 'car',
  state: 'draft',
  method: 'model',
  score: 0.8,
  note: null,
  edited: false,
  prediction: null,
};

type Answer = (question: TrackAsk) => AsyncIterable<TrackAnswerLine>;

/** What the server answers: each box at x = its frame, seen well. */
async function* answers({ objects = [], range = [0, 4] }: TrackAsk): AsyncGenerator<TrackAnswerLine> {
  for (const { id, keyframes, static: isStatic = false } of objects) {
    const { size } = keyframes.at(-1)!.box;
    const track = { static: isStatic, size: [...size] as [number, number, number], sizeFrom: 0, frames: 5 };
    yield { id, track };
    for (let frame = range[0]; frame <= range[1]; frame++) {
      const key = keyframes.find((one) => one.frame === frame);
      yield line(id, frame, key?.box ?? { ...at(frame), size: [...size] }, key ? 'keyframe' : 'measured');
    }
  }
  yield { done: true } as TrackAnswerLine;
}

type Status = 'keyframe' | 'measured' | 'predicted';
function line(id: string, frame: number, box: TrackAnswerBox, status: Status): TrackAnswerLine {
  const velocity = [0, 0, 0] as [number, number, number];
  const method = status === 'keyframe' ? 'keyframe' : 'model';
  return { id, frame, box, score: 0.9, status, method, points: 50, velocity, final: true };
}
type TrackAnswerBox = Extract<TrackAnswerLine, { box: unknown }>['box'];

interface Surroundings {
  readonly frames?: readonly string[];
  readonly prepareFrame?: (frame: string, session: Session) => Promise<void>;
}

function setUp(
  answer: Answer = answers,
  {
    frames = FRAMES,
    prepareFrame = async (frame, session) => session.takeFrame(frame, { ...NO_LABELS, cloudVersion: 'v' }),
  }: Surroundings = {},
) {
  const asked: TrackAsk[] = [];
  const waits: (() => void)[] = [];
  let controller!: TrackController;
  const session = new Session({ onEdit: (edit) => controller.edited(edit) });
  session.store.set({ frames });
  controller = new TrackController({
    session,
    api: {
      track: (question) => {
        asked.push(question);
        return answer(question) as AsyncGenerator<TrackAnswerLine>;
      },
    },
    prepareFrame: (frame) => prepareFrame(frame, session),
    places: async (frames) => frames.map(() => null),
    wait: () => new Promise((resolve) => waits.push(resolve)),
  });
  session.openFrame(frames[0]!);
  session.arrive(frames[0]!, 'v');
  session.add(frames[0]!, drawn, 'test');
  const actions = new TrackActions(session, controller, () => [0, 0, 0]);
  const label = (frame: number, id = '1') => findLabel(session.state.work, FRAMES[frame]!, id);
  const xs = (id = '1') => FRAMES.map((_, frame) => label(frame, id)?.box.center[0] ?? null);
  /** Lets the waiting refits go, and waits until they are done. */
  const refits = async () => {
    for (const go of waits.splice(0)) go();
    do await new Promise((resolve) => setTimeout(resolve));
    while (controller.isRunning);
  };
  return { session, controller, actions, asked, label, xs, refits };
}

describe('tracks in the page', () => {
  it('carry a box through its sequence as one undo step', async () => {
    const { session, actions, asked, label, xs } = setUp();
    await actions.track('both');
    expect(asked[0]).toMatchObject({
      frames: FRAMES.map((cloud) => ({ cloud })),
      objects: [{ id: '1', class: 'car', keyframes: [{ frame: 0, confirmed: false, box: at(0) }] }],
      direction: 'both',
      range: [0, 4],
    });
    expect(xs()).toEqual([0, 1, 2, 3, 4]);
    expect(label(2)).toMatchObject({ method: 'tracked', state: 'draft', track: { status: 'measured' } });
    expect(session.state.tracking).toBeNull();
    session.undo();
    expect(xs()).toEqual([0, null, null, null, null]);
    session.redo();
    expect(xs()).toEqual([0, 1, 2, 3, 4]);
  });

  it('an edit is a keyframe, and only what lies up to its neighbours is fitted again', async () => {
    const { session, actions, asked, label, xs, refits } = setUp();
    await actions.track('both');
    session.openFrame('s/2');
    session.arrive('s/2', 'v');
    session.edit({ ...at(20) }, 'move');
    await refits();
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({
      range: [0, 4],
      objects: [{ static: false, keyframes: [{ frame: 0 }, { frame: 2, confirmed: true, box: at(20) }] }],
    });
    expect(label(2)).toMatchObject({ edited: true, track: { status: 'keyframe' }, box: at(20) });
    session.openFrame('s/3');
    session.arrive('s/3', 'v');
    session.edit(at(30), 'move');
    await refits();
    expect(asked[2]!.range).toEqual([2, 4]);
    // The edit and what came of it are one step.
    session.undo();
    expect(xs()).toEqual([0, 1, 20, 3, 4]);
  });

  it('another size fits the whole track again, and says so', async () => {
    const { session, actions, asked, label, refits } = setUp();
    await actions.track('both');
    for (const k of [1, 2, 3]) {
      session.openFrame(FRAMES[k]!);
      session.arrive(FRAMES[k]!, 'v');
      session.edit(at(k), 'move');
      await refits();
    }
    session.edit({ ...at(3), size: [5, 2, 1.6] }, 'resize');
    const told: string[] = [];
    session.store.subscribe(({ message }) => told.push(message?.text ?? ''));
    await refits();
    expect(asked.at(-1)!.range).toEqual([0, 4]);
    expect(asked.at(-1)!.objects![0]!.keyframes.at(-1)).toMatchObject({
      frame: 3,
      box: { size: [5, 2, 1.6] },
    });
    expect(told).toContain('The size has changed: the whole track of object 1 is fitted again.');
    expect(label(4)!.box.size).toEqual([5, 2, 1.6]);
    await actions.oneSize();
    expect(FRAMES.map((_, k) => label(k)!.box.size)).toEqual(FRAMES.map(() => [5, 2, 1.6]));
    session.undo();
    expect(label(1)!.box.size).toEqual(BOX.size);
  });

  it('what a hand has fixed is never replaced: accepted, edited and locked boxes, absent frames', async () => {
    const { session, actions, xs, label } = setUp();
    await actions.track('both');
    session.openFrame('s/1', '1');
    session.arrive('s/1', 'v');
    session.accept();
    session.openFrame('s/3', '1');
    session.arrive('s/3', 'v');
    await actions.toggleAbsent();
    session.openFrame('s/2', '1');
    session.arrive('s/2', 'v');
    actions.toggleLock();
    await actions.track('both');
    expect(xs()).toEqual([0, 1, 2, null, 4]);
    expect(label(1)!.state).toBe('accepted');
    expect(frameOf(session.state.work, 's/3').missing).toEqual({ 1: 'absent' });
  });

  it('stops: what came stays, and says how far it was', async () => {
    const { session, controller, actions, xs } = setUp(async function* (question) {
      for await (const answer of answers(question)) {
        if ('frame' in answer && answer.frame === 3) controller.stop();
        yield answer;
      }
    });
    await actions.track('forward');
    expect(xs().slice(0, 3)).toEqual([0, 1, 2]);
    expect(xs()[4]).toBeNull();
    expect(session.state.message?.text).toMatch(/^Stopped: \d of 5 boxes had come\.$/);
  });

  it('taken back while lines come: they are not put in any more', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { session, actions, xs, refits } = setUp(async function* (question) {
      if (question.objects![0]!.keyframes.length > 1) await held;
      yield* answers(question);
    });
    await actions.track('both');
    session.openFrame('s/2', '1');
    session.arrive('s/2', 'v');
    session.edit(at(20), 'move');
    const done = refits();
    await new Promise((resolve) => setTimeout(resolve));
    session.undo();
    release();
    await done;
    expect(xs()).toEqual([0, 1, 2, 3, 4]);
  });

  it('without the server the boxes between keyframes are interpolated', async () => {
    const { session, actions, xs, label } = setUp(async function* () {
      yield* [];
      throw new ApiError('unreachable', 0, 'The server cannot be reached.');
    });
    await actions.track('both');
    expect(xs()).toEqual([0, 0, 0, 0, 0]);
    expect(label(3)).toMatchObject({ score: null, track: { status: 'predicted' } });
    session.openFrame('s/4', '1');
    session.arrive('s/4', 'v');
    session.edit(at(8), 'move');
    await actions.track('both');
    expect(xs().map((x) => Math.round(x! * 1e6) / 1e6)).toEqual([0, 2, 4, 6, 8]);
    expect(label(2)!.track!.status).toBe('interpolated');
    expect(session.state.message?.text).toContain('interpolated in the page');
  });

  it('an edit while the server is away takes no measured box, and is made good when it is back', async () => {
    let isAway = false;
    const { session, actions, asked, label, xs, refits } = setUp(async function* (question) {
      if (isAway) throw new ApiError('unreachable', 0, 'The server cannot be reached.');
      for await (const answer of answers(question))
        yield 'track' in answer ? { ...answer, track: { ...answer.track, static: true } } : answer;
    });
    await actions.track('both');
    isAway = true;
    session.store.set({ isServerReachable: false });
    session.edit(at(0.5), 'move');
    await refits();
    expect(xs()).toEqual([0.5, 1, 2, 3, 4]);
    expect(label(3)!.track).toMatchObject({ status: 'measured', isStatic: true });
    expect(session.state.message?.text).toContain('boxes that were measured stay');
    const before = asked.length;
    isAway = false;
    session.store.set({ isServerReachable: true });
    await refits();
    expect(asked).toHaveLength(before + 1);
    expect(asked.at(-1)).toMatchObject({ objects: [{ id: '1', static: true }], range: [0, 4] });
    // Once: another outage has nothing to make good.
    session.store.set({ isServerReachable: false });
    session.store.set({ isServerReachable: true });
    await refits();
    expect(asked).toHaveLength(before + 1);
    session.undo();
    expect(xs()).toEqual([0, 1, 2, 3, 4]);
  });

  it('without the server, frames whose labels are not here are left out, and it says so', async () => {
    const isUnread = new Set(FRAMES.slice(1));
    const away = new ApiError('unreachable', 0, 'The server cannot be reached.');
    const { session, actions, asked, xs } = setUp(
      async function* () {
        yield* [];
        throw away;
      },
      {
        prepareFrame: async (frame, own) => {
          if (isUnread.has(frame)) throw away;
          own.takeFrame(frame, { ...NO_LABELS, cloudVersion: 'v' });
        },
      },
    );
    await actions.track('both');
    expect(xs()).toEqual([0, null, null, null, null]);
    expect(session.state.message?.text).toBe(
      'The server cannot be reached: nothing was carried to 4 frames whose labels are not here. Carry again when it is back.',
    );
    isUnread.delete('s/2');
    isUnread.delete('s/1');
    await actions.track('both');
    expect(xs()).toEqual([0, 0, 0, null, null]);
    expect(session.state.message?.text).toBe(
      'The server cannot be reached: the boxes were interpolated in the page, but for 2 frames whose labels are not here. Carry again when it is back.',
    );
    expect(asked).toEqual([]);
  });

  it('an edit while the server is away is made good after other frames became known, too', async () => {
    let isAway = false;
    const { session, asked, actions, refits } = setUp(answers, {
      frames: [...FRAMES, 's/5'],
      prepareFrame: async (frame, own) => {
        if (isAway) throw new ApiError('unreachable', 0, 'The server cannot be reached.');
        own.takeFrame(frame, { ...NO_LABELS, cloudVersion: 'v' });
      },
    });
    await actions.track('both');
    isAway = true;
    session.store.set({ isServerReachable: false });
    // As after a reload: nobody has labels of the last frame.
    session.takeFrame('s/5', NO_LABELS);
    session.edit(at(0.5), 'move');
    await refits();
    expect(asked).toHaveLength(1);
    isAway = false;
    session.store.set({ isServerReachable: true });
    await refits();
    expect(asked.at(-1)).toMatchObject({ objects: [{ keyframes: [{ frame: 0, box: at(0.5) }] }] });
    expect(asked).toHaveLength(2);
  });

  it('an edit is about its own sequence, wherever the annotator has gone', async () => {
    const { session, asked, actions, label, refits } = setUp(answers, { frames: [...FRAMES, 't/0', 't/1'] });
    await actions.track('both');
    session.openFrame('s/2', '1');
    session.arrive('s/2', 'v');
    session.edit(at(20), 'move');
    session.openFrame('t/1');
    session.arrive('t/1', 'v');
    await refits();
    expect(asked.at(-1)).toMatchObject({
      frames: FRAMES.map((cloud) => ({ cloud })),
      range: [0, 4],
      objects: [{ keyframes: [{ frame: 0 }, { frame: 2, box: at(20) }] }],
    });
    expect(label(3)!.box).toEqual(at(3));
  });

  it('an edit far on in a long sequence is about the frames around it', async () => {
    const frames = Array.from({ length: 1400 }, (_, k) => `s/${k}`);
    const { session, asked, refits } = setUp(answers, { frames });
    const [far, next] = [frames[1300]!, frames[1301]!];
    session.openFrame(far);
    session.arrive(far, 'v');
    const id = session.add(far, drawn, 'test');
    const track = { status: 'measured', isStatic: false } as const;
    session.takeFrame(next, {
      ...NO_LABELS,
      cloudVersion: 'v',
      labels: [{ ...drawn, id, method: 'tracked', track }],
    });
    session.edit(at(1), 'move');
    await refits();
    // 1000 frames at most are asked about: here the last ones.
    expect(asked.at(-1)!.frames).toHaveLength(1000);
    expect(asked.at(-1)!.frames[0]).toEqual({ cloud: 's/400' });
    expect(asked.at(-1)).toMatchObject({ range: [900, 901], objects: [{ keyframes: [{ frame: 900 }] }] });
  });

  it('a standing object that is carried without the server stands there as well', async () => {
    const { session, actions, label } = setUp(async function* () {
      yield* [];
      throw new ApiError('unreachable', 0, 'The server cannot be reached.');
    });
    session.apply('stands', (work) => setStatic(work, FRAMES, '1', true));
    await actions.track('both');
    expect(label(3)!.track).toMatchObject({ isStatic: true });
  });

  it('goes from one doubtful place to the next along the object, then to what is not accepted', async () => {
    const { session, actions, label } = setUp(async function* (question) {
      for await (const answer of answers(question)) {
        if (!('frame' in answer)) yield answer;
        else if (answer.frame === 2) yield line('1', 2, at(2), 'predicted');
        else if (answer.frame >= 3) yield { id: '1', frame: answer.frame, lost: 'no_points', final: true };
        else yield answer;
      }
    });
    await actions.track('both');
    expect(session.state.message?.text).toBe('Object 1: 3 boxes in 5 frames. 3 to look at (Z).');
    const next = () => {
      actions.lookAtNext(1);
      const { opening } = session.state;
      if (opening !== null) session.arrive(opening.frame, 'v');
      return session.state.frame;
    };
    expect(next()).toBe('s/2');
    expect(session.selected).toBe(label(2));
    session.accept();
    expect(next()).toBe('s/3');
    expect(session.selected).toBeUndefined();
    await actions.toggleAbsent();
    expect(next()).toBe('s/4');
    await actions.toggleAbsent();
    expect(next()).toBe('s/0');
  });

  it('classes, ids, splits and merges are about all frames', async () => {
    const { session, actions, label } = setUp();
    await actions.track('both');
    session.setClass('van');
    expect(FRAMES.map((_, k) => label(k)!.class)).toEqual(FRAMES.map(() => 'van'));
    await actions.rename('77');
    expect(FRAMES.every((_, k) => label(k, '77') !== undefined)).toBe(true);
    session.openFrame('s/3', '77');
    session.arrive('s/3', 'v');
    await actions.split();
    const other = session.state.selected!;
    expect(FRAMES.map((_, k) => label(k, other) !== undefined)).toEqual([false, false, false, true, true]);
    actions.beginMerge();
    session.openFrame('s/2', '77');
    session.arrive('s/2', 'v');
    await new Promise((resolve) => setTimeout(resolve));
    expect(FRAMES.every((_, k) => label(k, other) !== undefined)).toBe(true);
  });

  it('accepts a whole track and leaves what is to be looked at', async () => {
    const { session, actions, label } = setUp(async function* (question) {
      for await (const answer of answers(question))
        yield 'frame' in answer && answer.frame === 2 ? line('1', 2, at(2), 'predicted') : answer;
    });
    await actions.track('both');
    await actions.acceptTrack();
    expect(FRAMES.map((_, k) => label(k)!.state)).toEqual([
      'accepted',
      'accepted',
      'draft',
      'accepted',
      'accepted',
    ]);
    expect(session.state.message?.text).toBe('4 boxes of object 1 were accepted. 1 is left to look at (Z).');
  });
});
