import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLabel } from '../testing/index.ts';
import { EMPTY_WORK, findLabel, isUnsure, labelsOf, NO_LABELS } from './label.ts';
import {
  addLabel,
  copyLabels,
  editBox,
  neighbourId,
  removeLabel,
  replaceFrames,
  resolveConflict,
  rivalsOf,
} from './work.ts';

const box = { center: [1, 2, 3], size: [4, 2, 1.5], yaw: 0.5 } as const;
const draft = fc.sample(anyLabel, { numRuns: 1, seed: 1 })[0]!;

describe('work', () => {
  it('gives every new object a number of its own, in all frames', () => {
    let work = EMPTY_WORK;
    const ids = ['f', 'g', 'f'].map((frame) => {
      const added = addLabel(work, frame, draft);
      work = added.work;
      return added.id;
    });
    expect(ids).toEqual(['1', '2', '3']);
    expect(labelsOf(work, 'f').map(({ id }) => id)).toEqual(['1', '3']);
  });

  it('keeps object ids in copies, marks them as such, and leaves what is there', () => {
    let { work } = addLabel(EMPTY_WORK, 'f', { ...draft, score: 0.9, state: 'accepted' });
    ({ work } = addLabel(work, 'f', draft));
    const first = copyLabels(work, 'f', 'g', ['1']);
    expect(first.ids).toEqual(['1']);
    expect(findLabel(first.work, 'g', '1')).toMatchObject({
      state: 'draft',
      method: 'copied',
      score: null,
      box: draft.box,
    });
    const edited = editBox(first.work, 'g', '1', box);
    const second = copyLabels(edited, 'f', 'g', ['1', '2']);
    expect(second.ids).toEqual(['2']);
    expect(findLabel(second.work, 'g', '1')!.box).toEqual(box);
  });

  it('walks around the boxes of a frame', () => {
    let work = EMPTY_WORK;
    for (let i = 0; i < 3; i++) ({ work } = addLabel(work, 'f', draft));
    expect(neighbourId(labelsOf(work, 'f'), null, 1)).toBe('1');
    expect(neighbourId(labelsOf(work, 'f'), '3', 1)).toBe('1');
    expect(neighbourId(labelsOf(work, 'f'), '1', -1)).toBe('3');
    expect(neighbourId(labelsOf(removeLabel(work, 'f', '2'), 'f'), '1', 1)).toBe('3');
    expect(neighbourId(labelsOf(work, 'g'), '1', 1)).toBeNull();
  });

  it('numbers on after an import', () => {
    const work = replaceFrames(EMPTY_WORK, {
      f: {
        ...NO_LABELS,
        labels: [
          { ...draft, id: '41' },
          { ...draft, id: 'tree' },
        ],
      },
    });
    expect(addLabel(work, 'f', draft).id).toBe('42');
  });

  it('is unsure of low scores until a person had a hand in it', () => {
    const low = { ...draft, score: 0.3, edited: false, state: 'draft' } as const;
    expect(isUnsure(low)).toBe(true);
    expect(isUnsure({ ...low, edited: true })).toBe(false);
    expect(isUnsure({ ...low, state: 'accepted' })).toBe(false);
    expect(isUnsure({ ...low, score: null })).toBe(false);
  });

  it('keeps one of two versions under the id of the object', () => {
    const labels = [
      { ...draft, id: '7' },
      { ...draft, id: '7-b', conflictsWith: '7', box },
      { ...draft, id: '8' },
    ];
    const work = replaceFrames(EMPTY_WORK, { f: { ...NO_LABELS, labels } });
    expect(rivalsOf(labels, labels[0]!)).toEqual([labels[1]]);
    expect(rivalsOf(labels, labels[1]!)).toEqual([labels[0]]);
    expect(rivalsOf(labels, labels[2]!)).toEqual([]);
    const mine = labelsOf(resolveConflict(work, 'f', '7-b'), 'f');
    expect(mine.map(({ id, conflictsWith }) => [id, conflictsWith])).toEqual([
      ['7', undefined],
      ['8', undefined],
    ]);
    expect(mine[0]!.box).toEqual(box);
    expect(labelsOf(resolveConflict(work, 'f', '7'), 'f')[0]!.box).toEqual(draft.box);
  });
});
