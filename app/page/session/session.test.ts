import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { ApiError, type PredictionAnswer, type PredictionRequest } from '../api/types.ts';
import { labelsOf } from '../model/label.ts';
import { type Held, held } from '../testing/held.ts';
import { Asking, type AskingOptions, type Hint, type LocalFit } from './asking.ts';
import { type Decision, Session } from './session.ts';

const box: Box = { center: [10, 4, -1], size: [4.2, 1.8, 1.5], yaw: 0.3 };
const drawn: Box = { ...box, size: [5, 2.4, 1.8] };
const fitted: Box = { ...box, size: [4.3, 1.9, 1.5] };

const answer = (change: Partial<PredictionAnswer> = {}): PredictionAnswer => ({
  id: 'p1',
  box,
  class: 'car',
  score: 0.9,
  method: 'model',
  points: { region: 10, inside: 5 },
  ground: null,
  cost: { nodes: 1, bytes: 0, memory: 1, disk: 0, origin: 0 },
  timings: { totalMs: 3 },
  ...change,
});

const click: Hint = {
  region: { type: 'click', position: [10, 4, -1] },
  simpler: null,
  drawn: null,
  marker: [10, 4, -1],
  replaces: null,
  startedAt: 0,
};
const box5: Hint = { ...click, region: { type: 'box', ...drawn }, drawn };

/** A session on two frames, with a server and a clock that the test holds. */
function setUp(options: Partial<AskingOptions> = {}) {
  const decisions: Decision[] = [];
  const session = new Session({ onDecision: (decision) => decisions.push(decision) });
  session.store.set({ frames: ['f', 'g'] });
  session.openFrame('f');
  const asked: PredictionRequest[] = [];
  const answers: Held<PredictionAnswer>[] = [];
  const lateness = held<void>();
  const localFit: LocalFit = async () => ({ box: fitted, class: 'car', score: 0.6 });
  const asking = new Asking(session, {
    api: {
      predict: (question, { signal } = {}) => {
        asked.push(question);
        const answer = held<PredictionAnswer>();
        signal?.addEventListener('abort', () => answer.reject(signal.reason as Error));
        answers.push(answer);
        return answer.promise;
      },
    },
    localFit,
    wait: () => lateness.promise,
    now: () => 42,
    ...options,
  });
  const labels = (frame = 'f') => labelsOf(session.state.work, frame);
  return { session, asking, asked, answers, lateness, labels, decisions };
}

describe('a hint', () => {
  it('becomes a selected draft; a marker waits meanwhile', async () => {
    const { session, asking, answers, labels } = setUp();
    const done = asking.ask(click);
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
    const { session, asking, asked, answers } = setUp();
    session.add('f', { ...labelFor(box), class: 'van' }, 'test');
    session.select(null);
    session.setClass('truck');
    session.store.set({ keepSize: true });
    const first = asking.ask(click);
    expect(asked[0]).toMatchObject({ class: 'truck', boxes: [box], size: [8, 2.6, 3.2] });
    answers[0]!.resolve(answer());
    await first;
    session.select('1');
    const again = asking.ask({ ...box5, replaces: '1' });
    expect(asked[1]).toMatchObject({ class: 'van', size: box.size, boxes: [box] });
    answers[1]!.resolve(answer({ box: fitted }));
    expect(await again).toBe('1');
    expect(session.selected).toMatchObject({ class: 'van', box: fitted });
  });

  it('that the server answers late is fitted here, and the late answer takes over', async () => {
    const { session, asking, answers, lateness, labels } = setUp();
    const done = asking.ask(box5);
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
    const { session, asking, answers, lateness, labels } = setUp();
    const done = asking.ask(click);
    lateness.resolve();
    await until(() => labels().length === 1);
    session.edit(drawn, 'move');
    answers[0]!.resolve(answer());
    await done;
    expect(labels()).toMatchObject([{ box: drawn }]);
  });

  it('of a drawn box stays with it when the network is unsure, and says so', async () => {
    const { session, asking, answers, labels } = setUp();
    const done = asking.ask(box5);
    answers[0]!.resolve(answer({ score: 0.3 }));
    await done;
    expect(labels()).toMatchObject([
      { method: 'local', box: fitted, note: expect.stringContaining('unsure (0.30)') },
    ]);
    expect(session.state.answer!.note).toContain('unsure');
  });

  it('says it when the server itself fell back', async () => {
    const { session, asking, answers, labels } = setUp();
    const done = asking.ask(click);
    answers[0]!.resolve(answer({ method: 'geometric', fallback: 'too few points' }));
    await done;
    expect(labels()).toMatchObject([{ method: 'geometric', note: 'fitted geometrically: too few points' }]);
    expect(session.state.message!.text).toContain('too few points');
  });

  it.each(['overloaded', 'deadline_exceeded', 'unreachable', 'internal'])(
    'is fitted here on %s',
    async (code) => {
      const { asking, answers, labels } = setUp();
      const done = asking.ask(click);
      answers[0]!.reject(new ApiError(code, 503, 'no luck'));
      await done;
      expect(labels()).toMatchObject([{ method: 'local', note: expect.stringContaining('no luck') }]);
    },
  );

  it('where there are no points leads to nothing, or to the box as drawn', async () => {
    const { session, asking, answers, labels } = setUp({ localFit: async () => null });
    const nothing = asking.ask(click);
    answers[0]!.reject(new ApiError('region_empty', 422, 'nothing'));
    expect(await nothing).toBeNull();
    expect(session.state.message).toMatchObject({ tone: 'warn' });
    const kept = asking.ask(box5);
    answers[1]!.reject(new ApiError('region_empty', 422, 'nothing'));
    expect(await kept).toBe('1');
    expect(labels()).toMatchObject([{ method: 'drawn', box: drawn, score: null }]);
  });

  it('that the server cannot read is said in simpler words', async () => {
    const { asking, asked, answers, labels } = setUp();
    const ring = [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as const;
    const done = asking.ask({
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

  it('can be given up', async () => {
    const { session, asking, labels } = setUp();
    const done = asking.ask(click);
    expect(asking.cancelLast()).toBe(true);
    expect(await done).toBeNull();
    expect(labels()).toEqual([]);
    expect(session.state.pending).toEqual([]);
    expect(asking.cancelLast()).toBe(false);
  });

  it('lands in the frame where it was asked, wherever the annotator has gone', async () => {
    const { session, asking, answers, labels } = setUp();
    const done = asking.ask(click);
    session.openFrame('g');
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
  it('undoes and redoes everything, in the frame where it was', () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    session.edit(drawn, 'resize');
    session.setClass('truck');
    session.accept();
    session.copyToNext(true);
    expect(session.state.frame).toBe('g');
    session.select('1');
    session.remove();
    const final = session.state.work;
    for (let i = 0; i < 6; i++) session.undo();
    expect(labels('f')).toEqual([]);
    expect(labels('g')).toEqual([]);
    expect(session.state).toMatchObject({ frame: 'f', canUndo: false });
    for (let i = 0; i < 6; i++) session.redo();
    expect(session.state.work).toBe(final);
    expect(session.state).toMatchObject({ frame: 'g', canRedo: false });
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
    session.reject();
    expect(decisions.map(({ decision, box: final }) => [decision, final])).toEqual([
      ['accepted', box],
      ['corrected', drawn],
      ['rejected', box],
    ]);
  });

  it('keeps an accepted box on Esc', () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    session.accept();
    session.select('1');
    session.reject();
    expect(labels()).toHaveLength(1);
    expect(session.state.selected).toBeNull();
  });

  it('takes up saved work, which undo does not take away', () => {
    const { session, labels } = setUp();
    session.add('f', labelFor(box), 'add');
    const saved = { work: session.state.work, frame: 'f', selected: '1' };
    const next = setUp();
    next.session.restore(saved);
    expect(next.session.state.canUndo).toBe(false);
    next.session.undo();
    expect(next.labels()).toEqual(labels());
    next.session.edit(drawn, 'resize');
    next.session.undo();
    expect(next.labels()).toEqual(labels());
  });

  it('exports frames in their order and imports them as one step', () => {
    const { session, labels } = setUp();
    session.add('g', labelFor(box), 'add');
    session.add('f', labelFor(box), 'add');
    const out = session.exportFrames();
    expect(out.map(({ frame }) => frame)).toEqual(['f', 'g']);
    session.remove();
    session.importFrames(out);
    expect(labels('f')).toHaveLength(1);
    expect(labels('g')).toHaveLength(1);
    session.undo();
    expect(labels('g')).toHaveLength(1);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 1000) throw new Error('it never came');
    await Promise.resolve();
  }
}
