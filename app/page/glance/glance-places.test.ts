import { describe, expect, it } from 'vitest';
import { EMPTY_WORK, type Label, setMissing, type Work, withLabels } from '../model/index.ts';
import { glancePlaces, largestSize } from './glance-places.ts';

const label = (change: Partial<Label> = {}): Label => ({
  id: '7',
  box: { center: [0, 0, 0], size: [4, 2, 1.5], yaw: 0 },
  class: 'car',
  state: 'draft',
  method: 'tracked',
  score: 0.83,
  note: null,
  edited: false,
  prediction: null,
  ...change,
});

describe('an object in the frames of its sequence', () => {
  it('has its box, or why there is none, in each', () => {
    const longer = label({ box: { ...label().box, size: [3, 2.5, 1.4] } });
    let work: Work = withLabels(EMPTY_WORK, 'a/0', [
      label({ track: { status: 'measured', isStatic: false } }),
    ]);
    work = withLabels(work, 'a/1', [longer, label({ id: '8' })]);
    work = setMissing(work, 'a/2', '7', 'absent');
    const places = glancePlaces(work, ['a/0', 'a/1', 'a/2', 'a/3', 'b/0'], 'a/1', '7');
    expect(places.map(({ frame, number, text }) => [frame, number, text])).toEqual([
      ['a/0', 1, 'measured, 0.83'],
      ['a/1', 2, 'keyframe'],
      ['a/2', 3, 'absent'],
      ['a/3', 4, 'no box'],
    ]);
    expect(places.map((place) => place.label?.id)).toEqual(['7', '7', undefined, undefined]);
    expect(largestSize(places)).toEqual([4, 2.5, 1.5]);
  });

  it('is shown in the 300 frames around the open one', () => {
    const frames = Array.from({ length: 1000 }, (_, k) => `a/${String(k).padStart(3, '0')}`);
    const shown = (frame: string) => glancePlaces(EMPTY_WORK, frames, frame, '7').map(({ number }) => number);
    expect(shown('a/000')[0]).toBe(1);
    expect(shown('a/500')[0]).toBe(351);
    expect(shown('a/500')).toHaveLength(300);
    expect(shown('a/999').at(-1)).toBe(1000);
  });
});
