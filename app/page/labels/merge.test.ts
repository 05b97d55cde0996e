import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelsBox, PageLabels } from '../api/index.ts';
import { mergeDocuments } from './merge.ts';

const at = (x: number) => ({ center: [x, 0, 0], size: [4, 2, 1.5], yaw: 0 });
const box = (id: string, change: object = {}): LabelsBox => ({ id, class: 'car', box: at(0), ...change });
const document = (boxes: readonly LabelsBox[], change: object = {}): PageLabels => ({
  version: 1,
  cloud: { id: 'f', version: 'v1' },
  state: 'open',
  boxes,
  ...change,
});
const ids = ({ boxes }: PageLabels) => boxes.map(({ id }) => id);

const anyDocument = fc
  .uniqueArray(
    fc.record({ id: fc.constantFrom('1', '2', '3', '4'), class: fc.constantFrom('car', 'van', 'bus') }),
    { maxLength: 4, selector: ({ id }) => id },
  )
  .map((boxes) => document(boxes.map((one) => box(one.id, one))));

describe('merging', () => {
  it('takes what one side changed, added or deleted', () => {
    const base = document([box('1'), box('2'), box('3')]);
    const mine = document([box('1', { class: 'van' }), box('2'), box('4', { box: at(50) })]);
    const theirs = document([box('1'), box('2', { class: 'bus' }), box('3')]);
    const { document: merged, conflicts } = mergeDocuments(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged.boxes).toEqual([
      box('1', { class: 'van' }),
      box('2', { class: 'bus' }),
      box('4', { box: at(50) }),
    ]);
  });

  it('keeps both versions of a box that both changed, and says which', () => {
    const base = document([box('1')]);
    const { document: merged, conflicts } = mergeDocuments(
      base,
      document([box('1', { class: 'van' })]),
      document([box('1', { class: 'bus' })]),
    );
    expect(conflicts).toEqual(['1']);
    expect(merged.boxes).toMatchObject([
      { id: '1', class: 'bus' },
      { id: '1-b', class: 'van', conflictsWith: '1' },
    ]);
  });

  it('keeps a box that one side changed and the other deleted', () => {
    const base = document([box('1'), box('2')]);
    const mine = document([box('1', { class: 'van' })]);
    const theirs = document([box('2', { class: 'bus' })]);
    expect(ids(mergeDocuments(base, mine, theirs).document).sort()).toEqual(['1', '2']);
  });

  it('gives a number of its own to another object of the same id', () => {
    const { document: merged, conflicts } = mergeDocuments(
      null,
      document([box('7', { box: at(0) })]),
      document([box('7', { box: at(30) })]),
    );
    expect(conflicts).toEqual([]);
    expect(merged.boxes).toEqual([box('7', { box: at(30) }), box('8', { box: at(0) })]);
  });

  it('keeps fields that one side changed; a frame is done only if nobody has opened it again', () => {
    const base = document([], { state: 'done', a: 1, b: 1 });
    const merged = mergeDocuments(base, { ...base, a: 2, state: 'open' }, { ...base, b: 2 }).document;
    expect(merged).toMatchObject({ state: 'open', a: 2, b: 2 });
  });

  describe('labels of several versions of a cloud', () => {
    const of = (version: string | null, ...boxes: LabelsBox[]) =>
      document(boxes, { cloud: { id: 'f', version } });
    it.each([
      ['boxes of both: of no known version', null, of('v1', box('1')), of('v2', box('2')), null],
      ['one side has none', null, of('v1', box('1')), of(null), 'v1'],
      ['the other has none', null, of('v1'), of('v2', box('2')), 'v2'],
      ['they confirmed them', of('v1', box('1')), of('v1', box('1')), of('v2', box('1')), 'v2'],
      ['I confirmed them', of('v1', box('1')), of('v2', box('1')), of('v1', box('1')), 'v2'],
      [
        'they confirmed them, and I have made another one by the old points',
        of('v1', box('1')),
        of('v1', box('1'), box('3')),
        of('v2', box('1')),
        null,
      ],
      [
        'only deleted meanwhile',
        of('v1', box('1'), box('2')),
        of('v1', box('1')),
        of('v2', box('1'), box('2')),
        'v2',
      ],
    ] as const)('%s', (_, base, mine, theirs, version) => {
      expect(mergeDocuments(base, mine, theirs).document.cloud).toEqual({ id: 'f', version });
    });
  });

  it('loses no version of anything, whoever comes first', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, anyDocument, (base, mine, theirs) => {
        const was = new Map(base.boxes.map((one) => [one.id, one.class]));
        for (const [one, other] of [
          [mine, theirs],
          [theirs, mine],
        ] as const) {
          const { document: merged } = mergeDocuments(base, one, other);
          const there = merged.boxes.map(
            (found) => `${String(found.conflictsWith ?? found.id)} ${String(found.class)}`,
          );
          for (const { id, class: kind } of [...one.boxes, ...other.boxes])
            if (was.get(id) !== kind) expect(there).toContain(`${id} ${String(kind)}`);
          expect(new Set(ids(merged)).size).toBe(merged.boxes.length);
        }
      }),
    );
  });

  it('changes nothing when it is done again', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, anyDocument, (base, mine, theirs) => {
        const { document: merged } = mergeDocuments(base, mine, theirs);
        const sorted = (one: PageLabels) => [...one.boxes].sort((a, b) => a.id.localeCompare(b.id));
        expect(sorted(mergeDocuments(theirs, merged, theirs).document)).toEqual(sorted(merged));
        expect(mergeDocuments(base, merged, merged).document).toEqual(merged);
      }),
    );
  });
});
