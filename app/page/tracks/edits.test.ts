import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import {
  EMPTY_WORK,
  findLabel,
  frameOf,
  type Label,
  NO_LABELS,
  type PlaceStatus,
  updateLabel,
  type Work,
} from '../model/index.ts';
import { pageAnswer } from '../testing/index.ts';
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

const FRAMES = ['f0', 'f1', 'f2', 'f3'];
const BOX: Box = { ...pageAnswer().box, center: [10, 0, 0], size: [4, 2, 1.5], yaw: 0 } as Box;

function label(id: string, change: Partial<Label> = {}, status: PlaceStatus = 'measured'): Label {
  return {
    id,
    box: BOX,
    class: 'car',
    state: 'draft',
    method: 'tracked',
    score: 0.8,
    note: null,
    edited: false,
    prediction: null,
    track: { status, isStatic: false },
    ...change,
  };
}

/** A work of four frames: the labels of each. */
function workOf(...frames: Label[][]): Work {
  const labelled = frames.map((labels, k) => [FRAMES[k]!, { ...NO_LABELS, labels }] as const);
  return { ...EMPTY_WORK, nextId: 10, frames: Object.fromEntries(labelled) };
}

const ids = (work: Work) => FRAMES.map((frame) => frameOf(work, frame).labels.map(({ id }) => id));

describe('a whole track', () => {
  const work = workOf([label('1')], [label('1'), label('2')], [label('1')], [label('2')]);

  it('is split: from a frame on it is another object', () => {
    const parts = splitTrack(work, FRAMES, 2, '1');
    expect(parts.id).toBe('10');
    expect(ids(parts.work)).toEqual([['1'], ['1', '2'], ['10'], ['2']]);
    expect(splitTrack(work, FRAMES, 0, '1').id).toBeNull();
    expect(splitTrack(work, FRAMES, 3, '1').id).toBeNull();
  });

  it('is merged: of two boxes in a frame a hand’s stays, else the surer one', () => {
    const surer = workOf([], [label('1', { score: 0.4 }), label('2', { score: 0.9 })], [label('2')]);
    const merged = mergeTracks(surer, FRAMES, '2', '1');
    expect(ids(merged)).toEqual([[], ['1'], ['1'], []]);
    expect(findLabel(merged, 'f1', '1')!.score).toBe(0.9);
    const edited = workOf([], [label('1', { score: 0.4, edited: true }), label('2', { score: 0.9 })]);
    expect(findLabel(mergeTracks(edited, FRAMES, '2', '1'), 'f1', '1')!.score).toBe(0.4);
  });

  it('is deleted from a frame on, with what is known of the frames where it is lost', () => {
    const lost = setAbsent(work, 'f3', '1', true);
    const deleted = deleteFrom(lost, FRAMES, 1, '1');
    expect(ids(deleted)).toEqual([['1'], ['2'], [], ['2']]);
    expect(frameOf(deleted, 'f3').missing).toEqual({});
  });

  it('gets another id in all frames, lost ones too', () => {
    const lost = setAbsent(work, 'f3', '1', true);
    const named = renamed(lost, FRAMES, '1', '7');
    expect(ids(named)).toEqual([['7'], ['7', '2'], ['7'], ['2']]);
    expect(frameOf(named, 'f3').missing).toEqual({ 7: 'absent' });
    expect(overlaps(work, FRAMES, '1', '2')).toBe(true);
    expect(overlaps(work, FRAMES, '1', '9')).toBe(false);
  });

  it('has one size: bottoms and the sides that face the scanner stay, locked boxes too', () => {
    const accepted = updateLabel(work, 'f1', '1', { state: 'accepted' });
    const locked = setLocked(accepted, 'f2', '1', true);
    const sized = setSize(locked, FRAMES, '1', [5, 1.8, 1.7], [0, 10, 2]);
    const { center, size } = findLabel(sized, 'f0', '1')!.box;
    expect(size).toEqual([5, 1.8, 1.7]);
    // The rear at x = 8, the left side at y = 1 and the bottom at z = -0.75 face the scanner.
    expect(center[0] - 2.5).toBeCloseTo(8);
    expect(center[1] + 0.9).toBeCloseTo(1);
    expect(center[2] - 0.85).toBeCloseTo(-0.75);
    expect(findLabel(sized, 'f2', '1')!.box).toEqual(BOX);
    expect(findLabel(sized, 'f0', '1')).toMatchObject({ state: 'draft', edited: false });
    expect(findLabel(sized, 'f1', '1')).toMatchObject({ state: 'accepted', edited: true });
    expect(sizeSpread(sized, FRAMES, '1')).toBeCloseTo(1);
    expect(sizeSpread(sized, FRAMES, '2')).toBe(0);
  });

  it('stands because the annotator says so, and is absent where they say so', () => {
    const standing = setStatic(work, FRAMES, '1', true);
    expect(findLabel(standing, 'f2', '1')!.track).toMatchObject({ isStatic: true, isStaticChosen: true });
    const absent = setAbsent(work, 'f1', '1', true);
    expect(ids(absent)[1]).toEqual(['2']);
    expect(frameOf(setAbsent(absent, 'f1', '1', false), 'f1').missing).toEqual({});
  });
});
