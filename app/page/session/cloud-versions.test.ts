import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type CloudSummary } from '../api/index.ts';
import { type FrameLabels, type Label, NO_LABELS } from '../model/index.ts';
import { type Held, held } from '../testing/index.ts';
import { CloudVersions, framesAround } from './cloud-versions.ts';
import { isOfOtherVersion, withBoxesOfOtherVersion, withUnknownVersion } from './other-versions.ts';
import { Session } from './session.ts';

const LABEL: Label = {
  id: '1',
  class: 'car',
  box: { center: [10, 4, -1], size: [4.2, 1.8, 1.5], yaw: 0.3 },
  state: 'draft',
  edited: false,
  method: 'drawn',
  score: null,
  note: null,
  prediction: null,
};
const madeFor = (cloudVersion: string | null, labels: readonly Label[] = [LABEL]): FrameLabels => ({
  ...NO_LABELS,
  labels,
  cloudVersion,
});

/** A session on frames that all have a box of version `v1`; the first is open. */
function setUp(count: number) {
  const session = new Session();
  const frames = Array.from({ length: count }, (_, k) => `s/${k}`);
  const calls: { frame: string; answer: Held<CloudSummary> }[] = [];
  const cloud = (frame: string) => {
    const answer = held<CloudSummary>();
    calls.push({ frame, answer });
    return answer.promise;
  };
  const versions = new CloudVersions({ session, api: { cloud } });
  session.store.set({
    frames,
    work: {
      ...session.state.work,
      frames: Object.fromEntries(frames.map((frame) => [frame, madeFor('v1')])),
    },
  });
  session.arrive('s/0', 'v1');
  const answer = async (index: number, version: string) => {
    calls[index]!.answer.resolve({ version } as CloudSummary);
    await vi.advanceTimersByTimeAsync(60);
  };
  return { session, frames, versions, calls, answer, asked: () => calls.map(({ frame }) => frame) };
}

describe('versions of clouds', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are asked for frames with boxes, two at a time, each once; those that an answer told are not', async () => {
    const { session, frames, versions, answer, asked } = setUp(5);
    versions.note('s/1', 'v1');
    session.takeFrame('s/4', madeFor('v1', []));
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toEqual(['s/2', 's/3']);
    await answer(0, 'v2');
    await answer(1, 'v1');
    expect(session.state.cloudVersions).toEqual({ 's/0': 'v1', 's/1': 'v1', 's/2': 'v2', 's/3': 'v1' });
    expect(withBoxesOfOtherVersion(session.state, frames)).toEqual(['s/2']);
    // An edit elsewhere asks nothing again.
    session.takeFrame('s/3', madeFor('v1', [LABEL, { ...LABEL, id: '2' }]));
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toHaveLength(2);
    // The cloud was replaced meanwhile, and something else had to ask.
    versions.note('s/3', 'v3');
    await vi.advanceTimersByTimeAsync(60);
    expect(withBoxesOfOtherVersion(session.state, frames)).toEqual(['s/2', 's/3']);
  });

  it('are asked around the open frame alone, and on from there once another is open', async () => {
    const { session, frames, calls, answer, asked } = setUp(400);
    const answerAll = async () => {
      await vi.advanceTimersByTimeAsync(300);
      for (let k = 0; k < calls.length; k++) await answer(k, 'v1');
    };
    await answerAll();
    expect(asked()).toEqual(frames.slice(1, 300));
    expect(withUnknownVersion(session.state, frames)).toEqual(frames.slice(300));
    session.arrive('s/399', 'v1');
    await answerAll();
    expect(new Set(asked()).size).toBe(calls.length);
    expect(withUnknownVersion(session.state, frames)).toEqual([]);
  });

  it('are not asked where no other frame is shown, and wait while the server is away', async () => {
    const { session, calls, asked } = setUp(3);
    session.store.set({ isTimelineShown: false });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toEqual([]);
    session.store.set({ isGlanceShown: true });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toEqual(['s/1', 's/2']);
    calls[0]!.answer.reject(new ApiError('unreachable', 0, 'away'));
    calls[1]!.answer.reject(new ApiError('cloud_not_found', 404, 'not here'));
    session.store.set({ isServerReachable: false });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toHaveLength(2);
    session.store.set({ isServerReachable: true });
    await vi.advanceTimersByTimeAsync(300);
    // The one that is not here is not asked for again.
    expect(asked()).toEqual(['s/1', 's/2', 's/1']);
  });

  it('say of what the storage lists, too, whether it is of another one', () => {
    const session = new Session();
    const listed = { isDone: false, accepted: 0, total: 2 };
    session.store.set({
      summaries: {
        old: { ...listed, version: 'v0' },
        same: { ...listed, version: 'v1' },
        withoutVersion: { ...listed, version: null },
        empty: { ...listed, version: 'v0', total: 0 },
        done: { ...listed, version: 'v0', total: 0, isDone: true },
        unknown: { ...listed, version: 'v0' },
      },
    });
    const all = Object.keys(session.state.summaries);
    const others = () => all.filter((frame) => isOfOtherVersion(session.state, frame));
    expect(others()).toEqual([]);
    session.knowVersions({ old: 'v1', same: 'v1', withoutVersion: 'v1', empty: 'v1', done: 'v1' });
    expect(others()).toEqual(['old', 'withoutVersion', 'done']);
    // What this page has counts before the list.
    session.takeFrame('old', madeFor('v1'));
    session.takeFrame('same', madeFor(null));
    expect(others()).toEqual(['same', 'withoutVersion', 'done']);
  });

  it('go by the points that are shown in the open frame, and are confirmed there', () => {
    const session = new Session();
    session.takeFrame('a', madeFor('v1'));
    session.arrive('a', 'v2');
    expect(withBoxesOfOtherVersion(session.state, ['a'])).toEqual(['a']);
    session.confirmVersion();
    expect(withBoxesOfOtherVersion(session.state, ['a'])).toEqual([]);
    // The server has a newer one, which is not shown yet.
    session.knowVersions({ a: 'v3' });
    expect(withBoxesOfOtherVersion(session.state, ['a'])).toEqual([]);
    session.arrive('b', 'v1');
    expect(withBoxesOfOtherVersion(session.state, ['a'])).toEqual(['a']);
  });

  it('are those of the nearest frames first', () => {
    expect(framesAround(['a', 'b', 'c', 'd', 'e'], 'c', 3)).toEqual(['c', 'b', 'd']);
  });
});
