import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { ApiError, type PageAnswer, type PageQuestion } from '../api/index.ts';
import { currentScore, labelsOf, NO_LABELS } from '../model/index.ts';
import { type Held, held, pageAnswer } from '../testing/index.ts';
import {
  type AnnotatorHint,
  type FramePoints,
  type LocalFit,
  PredictionController,
  type PredictionControllerOptions,
} from './prediction-controller.ts';
import { type Decision, Session } from './session.ts';

const box: Box = { center: [10, 4, -1], size: [4.2, 1.8, 1.5], yaw: 0.3 };
const drawn: Box = { ...box, size: [5, 2.4, 1.8] };
const fitted: Box = { ...box, size: [4.3, 1.9, 1.5] };

const answer = (change: Partial<PageAnswer> = {}) => pageAnswer({ box, score: 0.9, ...change });

const click: AnnotatorHint = {
  region: { type: 'click', position: [10, 4, -1] },
  simpler: null,
  drawn: null,
  marker: [10, 4, -1],
  replaces: null,
  startedAt: 0,
};
const box5: AnnotatorHint = { ...click, region: { type: 'box', ...drawn }, drawn };

const NO_POINTS: FramePoints = {
  sensor: null,
  pointsIn: () => ({ origin: [0, 0, 0], xyz: new Float32Array(0) }),
};

/** A session on two frames, with a server and a clock that the test holds. */
function setUp(options: Partial<PredictionControllerOptions> = {}) {
  const decisions: Decision[] = [];
  const session = new Session({ onDecision: (decision) => decisions.push(decision) });
  session.store.set({ frames: ['f', 'g'] });
  session.openFrame('f');
  session.arrive('f', 'v1');
  const asked: PageQuestion[] = [];
  const answers: Held<PageAnswer>[] = [];
  const lateness = held<void>();
  const localFit: LocalFit = async () => ({ box: fitted, class: 'car', score: 0.6 });
  const predictions = new PredictionController(session, {
    api: {
      predict: (question, { signal } = {}) => {
        asked.push(question);
        const answer = held<PageAnswer>();
        signal?.addEventListener('abort', () => answer.reject(signal.reason as Error));
        answers.push(answer);
        return answer.promise;
      },
    },
    localFit,
    points: () => NO_POINTS,
    wait: () => lateness.promise,
    now: () => 42,
    ...options,
  });
  const labels = (frame = 'f') => labelsOf(session.state.work, frame);
  return { session, predictions, asked, answers, lateness, labels, decisions };
}

describe('the next box', () => {
  it('is the one after the box that was accepted, not the first one again', async () => {
    const { session, labels } = setUp();
    const made = { method: 'model', score: 0.9, prediction: null, note: null } as const;
    const label = { ...made, box, class: 'car', state: 'draft', edited: false } as const;
    for (let k = 0; k < 3; k++) session.add('f', label, 'box');
    session.select(null);
    for (const id of labels().map((one) => one.id)) {
      session.selectNeighbour(1);
      expect(session.state.selected).toBe(id);
      session.accept();
      expect(session.state.selected).toBeNull();
    }
    session.selectNeighbour(-1);
    expect(session.state.selected).toBe('2');
    session.letGo();
    session.openFrame('g');
    session.arrive('g', 'v1');
    session.add('g', label, 'box');
    session.select(null);
    session.selectNeighbour(1);
    expect(session.state.selected).toBe('4');
  });
});

describe('a box that is fitted again', () => {
  it.each([
    ['deleted', (session: Session) => session.remove(), 0],
    ['moved', (session: Session) => session.edit(drawn, 'move'), 1],
    ['accepted', (session: Session) => session.accept(), 1],
  ])('and %s meanwhile stays so', async (_, change, count) => {
    const { session, predictions, answers, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const done = predictions.ask({ ...box5, replaces: '1' });
    change(session);
    const after = labels();
    expect(after).toHaveLength(count);
    answers[0]!.resolve(answer({ box: fitted }));
    expect(await done).toBeNull();
    expect(labels()).toEqual(after);
    expect(session.state.message?.text).toBe('The box was changed meanwhile: it was not fitted again.');
  });

  it('is fitted although its labels were read again meanwhile', async () => {
    const { session, predictions, answers, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const done = predictions.ask({ ...box5, replaces: '1' });
    session.takeFrame('f', structuredClone(session.state.work.frames.f!));
    answers[0]!.resolve(answer({ box: fitted }));
    expect(await done).toBe('1');
    expect(labels()).toMatchObject([{ box: fitted }]);
  });
});

describe('a hint', () => {
  it('becomes a selected draft; a marker waits meanwhile', async () => {
    const { session, predictions, answers, labels } = setUp();
    const done = predictions.ask(click);
    expect(session.state.pending).toMatchObject([{ marker: [10, 4, -1], frame: 'f' }]);
    answers[0]!.resolve(answer());
    expect(await done).toBe('1');
    expect(session.state.pending).toEqual([]);
    expect(labels()).toMatchObject([
      { id: '1', box, state: 'draft', method: 'model', score: 0.9, note: null },
    ]);
    expect(session.state.selected).toBe('1');
    expect(session.state.answer).toMatchObject({ roundTripMs: 42, method: 'model' });
  });

  it('tells the server of the boxes that are there, and of a class and size that were chosen', async () => {
    const { session, predictions, asked, answers } = setUp();
    session.add('f', { ...labelFor(box), class: 'van' }, 'test');
    session.select(null);
    session.setClass('truck');
    session.store.set({ keepSize: true });
    const first = predictions.ask(click);
    expect(asked[0]).toMatchObject({ class: 'truck', boxes: [box], size: [8, 2.6, 3.2] });
    answers[0]!.resolve(answer());
    await first;
    session.select('1');
    const again = predictions.ask({ ...box5, replaces: '1' });
    expect(asked[1]).toMatchObject({ class: 'van', size: box.size, boxes: [box] });
    answers[1]!.resolve(answer({ box: fitted }));
    expect(await again).toBe('1');
    expect(session.selected).toMatchObject({ class: 'van', box: fitted });
  });

  it('that the server answers late is fitted here, and the late answer takes over', async () => {
    const { session, predictions, answers, lateness, labels } = setUp();
    const done = predictions.ask(box5);
    lateness.resolve();
    await until(() => labels().length === 1);
    expect(labels()).toMatchObject([{ method: 'local', box: fitted, note: expect.stringContaining('late') }]);
    answers[0]!.resolve(answer());
    await done;
    expect(labels()).toMatchObject([{ method: 'model', box, note: null }]);
    session.undo();
    expect(labels()).toMatchObject([{ method: 'local' }]);
  });

  it('a late answer does not undo what a hand did meanwhile', async () => {
    const { session, predictions, answers, lateness, labels } = setUp();
    const done = predictions.ask(click);
    lateness.resolve();
    await until(() => labels().length === 1);
    session.edit(drawn, 'move');
    answers[0]!.resolve(answer());
    await done;
    expect(labels()).toMatchObject([{ box: drawn }]);
  });

  it('a late answer leaves the class that was chosen meanwhile, and the warning of a second box', async () => {
    const { session, predictions, answers, lateness, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const done = predictions.ask(click);
    lateness.resolve();
    await until(() => labels().length === 2);
    session.setClass('van');
    answers[0]!.resolve(answer());
    await done;
    const note = 'This object has a box already: car 1.';
    expect(labels()[1]).toMatchObject({ class: 'van', method: 'model', box, note });
    expect(session.state.message).toMatchObject({ text: note });
  });

  it('of a drawn box stays with it when the network is unsure, and says so', async () => {
    const { session, predictions, answers, labels } = setUp();
    const done = predictions.ask(box5);
    answers[0]!.resolve(answer({ score: 0.3 }));
    await done;
    expect(labels()).toMatchObject([
      { method: 'local', box: fitted, note: expect.stringContaining('unsure (0.30)') },
    ]);
    expect(session.state.answer!.note).toContain('unsure');
  });

  it('says it when the server itself fell back', async () => {
    const { session, predictions, answers, labels } = setUp();
    const done = predictions.ask(click);
    answers[0]!.resolve(answer({ method: 'geometric', fallback: 'too few points' }));
    await done;
    expect(labels()).toMatchObject([
      { method: 'geometric', note: 'The server fitted this box geometrically: too few points.' },
    ]);
    expect(session.state.message!.text).toContain('too few points');
  });

  it.each(['overloaded', 'deadline_exceeded', 'unreachable', 'internal'])(
    'is fitted here on %s',
    async (code) => {
      const { predictions, answers, labels } = setUp();
      const done = predictions.ask(click);
      answers[0]!.reject(new ApiError(code, 503, 'no luck'));
      await done;
      expect(labels()).toMatchObject([{ method: 'local', note: 'No luck. The box was fitted in the page.' }]);
    },
  );

  it('where there are no points leads to nothing, or to the box as drawn', async () => {
    const { session, predictions, answers, labels } = setUp({ localFit: async () => null });
    const nothing = predictions.ask(click);
    answers[0]!.reject(new ApiError('region_empty', 422, 'nothing'));
    expect(await nothing).toBeNull();
    expect(session.state.message).toMatchObject({ tone: 'warn' });
    const kept = predictions.ask(box5);
    answers[1]!.reject(new ApiError('region_empty', 422, 'nothing'));
    expect(await kept).toBe('1');
    expect(labels()).toMatchObject([{ method: 'drawn', box: drawn, score: null }]);
  });

  it('that the server cannot read is said in simpler words', async () => {
    const { predictions, asked, answers, labels } = setUp();
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as const;
    const done = predictions.ask({
      ...click,
      region: { type: 'frustum', viewProjection: [], ring },
      simpler: box5.region,
    });
    answers[0]!.reject(new ApiError('not_implemented', 501, 'not built'));
    await until(() => answers.length === 2);
    expect(asked[1]!.region).toEqual(box5.region);
    answers[1]!.resolve(answer());
    await done;
    expect(labels()).toHaveLength(1);
  });

  it('warns of a second box on an object that has one', async () => {
    const { session, predictions, answers, labels } = setUp();
    const first = predictions.ask(click);
    answers[0]!.resolve(answer());
    await first;
    const second = predictions.ask(click);
    answers[1]!.resolve(answer());
    await second;
    expect(labels()).toHaveLength(2);
    expect(labels()[1]!.note).toBe('This object has a box already: car 1.');
    expect(session.state.message).toMatchObject({ tone: 'warn', text: expect.stringContaining('car 1') });
  });

  it.each([
    ['a part of it', { ...box, size: [1, 1, 1] }],
    ['all around it', { ...box, size: [12, 6, 4] }],
  ] as const)('warns of a second box on an object that has one: %s', async (_, second) => {
    const { session, predictions, answers, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const done = predictions.ask(click);
    answers[0]!.resolve(answer({ box: second }));
    await done;
    expect(labels()[1]!.note).toBe('This object has a box already: car 1.');
  });

  it('warns of a fit that moves a box onto an object that has one', async () => {
    const { session, predictions, answers, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const beside = { ...box, center: [10, 9, -1] as const };
    const id = session.add('f', labelFor(beside), 'add');
    const done = predictions.ask({ ...click, replaces: id });
    answers[0]!.resolve(answer());
    await done;
    expect(labels()[1]!.note).toBe('This object has a box already: car 1.');
    const back = predictions.ask({ ...click, replaces: id });
    answers[1]!.resolve(answer({ box: beside }));
    await back;
    expect(labels()[1]!.note).toBeNull();
  });

  it('has the class that was chosen beforehand, and the next one has not', async () => {
    const { session, predictions, asked, answers } = setUp();
    session.setClass('bus');
    const first = predictions.ask(click);
    answers[0]!.resolve(answer({ class: 'bus' }));
    await first;
    session.select(null);
    const second = predictions.ask(click);
    answers[1]!.resolve(answer());
    await second;
    expect(asked.map((question) => question.class)).toEqual(['bus', undefined]);
  });

  it('can be given up while the page fits by itself', async () => {
    const fit = held<null>();
    const { session, predictions, lateness, labels } = setUp({ localFit: () => fit.promise });
    const done = predictions.ask(click);
    lateness.resolve();
    await until(() => session.state.pending.length === 1);
    expect(predictions.cancelLast()).toBe(true);
    expect(await done).toBeNull();
    fit.resolve(null);
    expect(labels()).toEqual([]);
    expect(session.state.message!.text).toBe('The question was given up.');
  });

  it('can be given up', async () => {
    const { session, predictions, labels } = setUp();
    const done = predictions.ask(click);
    expect(predictions.cancelLast()).toBe(true);
    expect(await done).toBeNull();
    expect(labels()).toEqual([]);
    expect(session.state.pending).toEqual([]);
    expect(predictions.cancelLast()).toBe(false);
  });

  it('lands in the frame where it was asked, wherever the annotator has gone', async () => {
    const { session, predictions, answers, labels } = setUp();
    const done = predictions.ask(click);
    session.openFrame('g');
    session.arrive('g', 'v1');
    answers[0]!.resolve(answer());
    await done;
    expect(labels('f')).toHaveLength(1);
    expect(session.state).toMatchObject({ frame: 'g', selected: null });
  });
});

const labelFor = (of: Box) =>
  ({
    box: of,
    class: 'car',
    state: 'draft',
    method: 'model',
    score: 0.9,
    note: null,
    edited: false,
    prediction: { id: 'p1', box: of },
  }) as const;

describe('the session', () => {
  it('undoes and redoes everything, in the frame where it was', async () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    session.edit(drawn, 'resize');
    session.setClass('truck');
    session.accept();
    await session.copyToNext(true);
    session.arrive('g', 'v1');
    expect(session.state.frame).toBe('g');
    session.select('1');
    session.remove();
    const final = session.state.work;
    for (let i = 0; i < 6; i++) session.undo();
    expect(labels('f')).toEqual([]);
    expect(labels('g')).toEqual([]);
    expect(session.state).toMatchObject({ opening: { frame: 'f' }, canUndo: false });
    session.arrive('f', 'v1');
    for (let i = 0; i < 6; i++) session.redo();
    expect(session.state.work).toEqual(final);
    expect(session.state).toMatchObject({ opening: { frame: 'g' }, canRedo: false });
  });

  it('makes one step of a drag', () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    for (const yaw of [0.4, 0.5, 0.6]) session.edit({ ...box, yaw }, 'turn', 'drag 1');
    session.undo();
    expect(labels()[0]!.box.yaw).toBe(0.3);
  });

  it('tells what was decided about a prediction', () => {
    const { session, decisions } = setUp();
    session.add('f', labelFor(box), 'add');
    session.accept();
    session.add('f', labelFor(box), 'add');
    session.edit(drawn, 'resize');
    session.accept();
    session.add('f', labelFor(box), 'add');
    session.remove();
    expect(decisions.map(({ outcome, label }) => [outcome, label.box])).toEqual([
      ['accepted', box],
      ['corrected', drawn],
      ['rejected', box],
    ]);
  });

  it('lets go on Esc, and never deletes', () => {
    const { session, labels } = setUp();
    session.setClass('bus');
    session.letGo();
    expect(session.state.nextClass).toBeNull();
    session.add('f', labelFor(box), 'add');
    session.letGo();
    expect(session.state.selected).toBeNull();
    session.letGo();
    expect(labels()).toHaveLength(1);
  });

  it('an accepted box of another class is edited, in all frames; a draft only has another class', () => {
    const { session, labels } = setUp();
    for (const frame of ['f', 'g'])
      session.apply('add', (work) => ({
        ...work,
        frames: {
          ...work.frames,
          [frame]: {
            ...NO_LABELS,
            labels: [{ ...labelFor(box), id: '1', state: frame === 'f' ? 'accepted' : 'draft' }],
          },
        },
      }));
    session.select('1');
    session.setClass('van');
    expect(labels('f')).toMatchObject([{ class: 'van', state: 'accepted', edited: true }]);
    expect(labels('g')).toMatchObject([{ class: 'van', state: 'draft', edited: false }]);
    session.undo();
    expect(labels('f')).toMatchObject([{ class: 'car', edited: false }]);
  });

  it('an accepted box with another attribute is edited, in all frames; a draft only has it', () => {
    const { session, labels } = setUp();
    for (const frame of ['f', 'g'])
      session.takeFrame(frame, {
        ...NO_LABELS,
        labels: [{ ...labelFor(box), id: '1', score: 0.8, state: frame === 'f' ? 'accepted' : 'draft' }],
      });
    session.select('1');
    session.setAttribute({ name: 'parked', kind: 'boolean' }, true);
    expect(labels('f')).toMatchObject([{ attributes: { parked: true }, state: 'accepted', edited: true }]);
    expect(currentScore(labels('f')[0]!)).toBeNull();
    expect(labels('g')).toMatchObject([{ attributes: { parked: true }, state: 'draft', edited: false }]);
    expect(currentScore(labels('g')[0]!)).toBe(0.8);
    session.undo();
    expect(labels('f')[0]).toMatchObject({ edited: false });
    expect(labels('f')[0]!.attributes).toBeUndefined();
  });

  it('what an object has already makes none of its accepted boxes edited', () => {
    const { session, labels } = setUp();
    for (const frame of ['f', 'g'])
      session.takeFrame(frame, {
        ...NO_LABELS,
        labels: [
          {
            ...labelFor(box),
            id: '1',
            state: 'accepted',
            ...(frame === 'g' ? { class: 'van', attributes: { parked: true } } : {}),
          },
        ],
      });
    session.select('1');
    session.setAttribute({ name: 'parked', kind: 'boolean' }, true);
    session.setClass('van');
    const wanted = { class: 'van', attributes: { parked: true } };
    expect(labels('f')).toMatchObject([{ ...wanted, edited: true }]);
    expect(labels('g')).toMatchObject([{ ...wanted, edited: false }]);
    const before = labels('f');
    session.setAttribute({ name: 'parked', kind: 'boolean' }, true);
    session.setAttribute({ name: 'colour', kind: 'text' }, null);
    expect(labels('f')).toEqual(before);
  });

  it('takes steps back one after the other, also where the first one waits for labels', async () => {
    const { session } = setUp();
    session.add('f', labelFor(box), 'add');
    session.apply('edit in two frames', (work) => ({
      ...work,
      frames: {
        f: { ...work.frames.f!, labels: [{ ...labelFor(drawn), id: '1' }] },
        g: { ...NO_LABELS, labels: [{ ...labelFor(drawn), id: '1' }] },
      },
    }));
    const { f, g } = session.state.work.frames;
    const known = held<void>();
    const reloaded = new Session({
      prepareFrame: async (frame) => {
        await known.promise;
        reloaded.takeFrame(frame, g!);
      },
    });
    reloaded.takeFrame('f', f!);
    reloaded.arrive('f', 'v1');
    reloaded.restoreHistory(session.history);
    reloaded.undo();
    reloaded.undo();
    expect(labelsOf(reloaded.state.work, 'f')).toMatchObject([{ box: drawn }]);
    known.resolve();
    await expect.poll(() => reloaded.state.canUndo).toBe(false);
    expect(labelsOf(reloaded.state.work, 'f')).toEqual([]);
    expect(labelsOf(reloaded.state.work, 'g')).toEqual([]);
    expect(reloaded.state.message?.text).toBe('Undone: add.');
  });

  it('a step whose labels cannot be had stays to be undone; what is done meanwhile is left alone', async () => {
    const { session } = setUp();
    session.add('g', labelFor(box), 'add');
    const { g } = session.state.work.frames;
    const known = [held<void>(), held<void>()];
    const tries = known.values();
    const reloaded = new Session({
      prepareFrame: async (frame) => {
        await tries.next().value!.promise;
        reloaded.takeFrame(frame, g!);
      },
    });
    reloaded.arrive('f', 'v1');
    reloaded.restoreHistory(session.history);
    reloaded.undo();
    known[0]!.reject(new Error('The server cannot be reached.'));
    await expect.poll(() => reloaded.state.message?.text).toBe('Not undone. The server cannot be reached.');
    expect(reloaded.state).toMatchObject({ canUndo: true, canRedo: false });

    reloaded.undo();
    reloaded.add('f', labelFor(drawn), 'another');
    await expect
      .poll(() => reloaded.state.message?.text)
      .toBe('Not undone. Something else was done meanwhile.');
    expect(labelsOf(reloaded.state.work, 'f')).toHaveLength(1);
    reloaded.undo();
    expect(labelsOf(reloaded.state.work, 'f')).toEqual([]);
    reloaded.undo();
    known[1]!.resolve();
    await expect.poll(() => reloaded.state.message?.text).toBe('Undone: add.');
    expect(reloaded.state.work.frames.g?.labels).toEqual([]);
  });

  it('a box that comes in the middle of something is not selected', () => {
    let isInHand = true;
    const session = new Session({ isInHand: () => isInHand });
    session.arrive('f', 'v1');
    session.add('f', labelFor(box), 'add');
    expect(session.state).toMatchObject({ selected: null, object: null });
    isInHand = false;
    session.add('f', labelFor(box), 'add');
    expect(session.state).toMatchObject({ selected: '2', object: '2' });
  });

  it('takes up labels that are kept, which undo does not take away', () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const next = setUp();
    next.session.takeFrame('f', session.state.work.frames.f!);
    expect(next.session.state.canUndo).toBe(false);
    next.session.undo();
    expect(next.labels()).toEqual(labels());
    next.session.select('1');
    next.session.edit(drawn, 'resize');
    next.session.undo();
    expect(next.labels()).toEqual(labels());
    expect(next.session.add('f', labelFor(box), 'add')).toBe('2');
  });

  it('edits the frame that is shown until the wanted one is there', () => {
    const { session, labels } = setUp();
    session.openFrame('g');
    expect(session.state).toMatchObject({ frame: 'f', opening: { frame: 'g' } });
    session.add(session.state.frame!, labelFor(box), 'add');
    expect([labels('f').length, labels('g').length]).toEqual([1, 0]);
    session.arrive('g', 'v1');
    expect(session.state).toMatchObject({ frame: 'g', opening: null, selected: null });
    session.openFrame('f', '1');
    session.letGo();
    expect(session.state).toMatchObject({ frame: 'g', opening: null });
    session.openFrame('f', '1');
    session.arrive('f', 'v1');
    expect(session.state.selected).toBe('1');
  });

  it('copies what was there when the key was pressed, as soon as the labels of the next frame are known', async () => {
    const known = held<void>();
    const session = new Session({ prepareFrame: () => known.promise });
    session.store.set({ frames: ['f', 'g', 'h'] });
    session.openFrame('f');
    session.arrive('f', 'v1');
    session.add('f', labelFor(box), 'add');
    const copied = session.copyToNext(false);
    session.edit(drawn, 'resize');
    session.openFrame('h');
    session.arrive('h', 'v1');
    known.resolve();
    await copied;
    expect(labelsOf(session.state.work, 'f')).toMatchObject([{ box: drawn }]);
    expect(labelsOf(session.state.work, 'g')).toMatchObject([
      { id: '1', box, method: 'copied', state: 'draft' },
    ]);
    expect(labelsOf(session.state.work, 'h')).toEqual([]);
  });

  it('warns of boxes that were made for another version of the cloud, until they are confirmed', () => {
    const { session } = setUp();
    session.takeFrame('f', {
      labels: [{ ...labelFor(box), id: '1' }],
      isDone: false,
      cloudVersion: 'old',
      missing: {},
      kept: {},
    });
    expect(session.isOfAnotherVersion).toBe(true);
    session.select('1');
    session.remove();
    expect(session.isOfAnotherVersion).toBe(false);
    // A frame without boxes that somebody has marked as done.
    session.toggleDone();
    expect(session.isOfAnotherVersion).toBe(true);
    session.undo();
    session.undo();
    expect(session.isOfAnotherVersion).toBe(true);
    session.confirmVersion();
    expect(session.isOfAnotherVersion).toBe(false);
    expect(session.state.work.frames.f!.cloudVersion).toBe('v1');
  });

  it('exports frames in their order and imports them as one step', async () => {
    const { session, labels } = setUp();
    session.add('g', labelFor(box), 'add');
    session.add('f', labelFor(box), 'add');
    const out = session.exportFrames();
    expect(out.map(({ frame }) => frame)).toEqual(['f', 'g']);
    session.remove();
    await session.importFrames(out);
    expect(labels('f')).toHaveLength(1);
    expect(labels('g')).toHaveLength(1);
    session.undo();
    expect(labels('g')).toHaveLength(1);
  });

  it('takes back an import with all that came with it', async () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const before = session.state.work.frames;
    const [frame] = session.exportFrames();
    const kept = { imported: { format: 'json', raw: { pose: 1 } } };
    await session.importFrames([{ ...frame!, kept }]);
    expect(session.state.work.frames.f!.kept).toEqual(kept);
    session.undo();
    expect(session.state.work.frames).toEqual(before);
    expect(session.exportFrames()[0]!.kept).toEqual({});
    session.redo();
    expect(session.state.work.frames.f!.kept).toEqual(kept);
    expect(labels('f')).toHaveLength(1);
  });

  it('has the boxes of both where a frame is imported twice at once, and says so', async () => {
    const { session, labels } = setUp();
    const frame = { frame: 'f', labels: [{ ...labelFor(box), id: '7' }] };
    await session.importFrames([
      { ...frame, kept: { imported: 'first' } },
      { ...frame, kept: { imported: 'second' } },
    ]);
    expect(labels('f')).toHaveLength(2);
    expect(session.state.work.frames.f!.kept).toEqual({ imported: 'first' });
    expect(session.state.message?.text).toBe(
      '2 boxes were imported in 1 frame. Frames that were there twice have the boxes of both: f. ' +
        'Ids that were there twice in a frame got new numbers: 7.',
    );
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 1000) throw new Error('it never came');
    await Promise.resolve();
  }
}
