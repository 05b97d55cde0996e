import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordSplitter } from './record-splitter.ts';

/** The columns, the field and the extents, by a plain loop. */
function byHand(
  bytes: Uint8Array,
  count: number,
  stride: number,
  at: readonly number[],
  field: [number, number],
) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = at.map((from) =>
    Array.from({ length: count }, (_, k) => view.getInt32(k * stride + from, true)),
  );
  const [fieldAt, size] = field;
  const taken = Array.from(
    { length: count * size },
    (_, k) => bytes[Math.floor(k / size) * stride + fieldAt + (k % size)]!,
  );
  return { axes, taken, extents: axes.map((column) => [Math.min(...column), Math.max(...column)]) };
}

describe('a splitter of records', () => {
  it('gives the same columns and extents as a plain loop, whatever the layout, across batches', () => {
    const layout = fc.record({
      // Up to a few batches of 4,096 records or 64 KiB.
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 4090, max: 9000 })),
      size: fc.constantFrom(1 as const, 2 as const, 4 as const),
      spare: fc.integer({ min: 0, max: 40 }),
      order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(layout, ({ count, size, spare, order, seed }) => {
        const starts: number[] = [];
        let at = spare;
        for (const what of order) {
          starts[what] = at;
          at += what === 3 ? size : 4;
        }
        const stride = at;
        const content = new Uint8Array(count * stride + 3);
        let state = seed | 1;
        for (let i = 0; i < content.length; i++) {
          state = (Math.imul(state, 1664525) + 1013904223) | 0;
          content[i] = state >>> 24;
        }
        const bytes = content.subarray(3);
        const columns = [0, 1, 2].map(() => new Int32Array(count)) as [Int32Array, Int32Array, Int32Array];
        const taken = new Uint8Array(count * size);
        const axes = [starts[0]!, starts[1]!, starts[2]!] as const;
        const extents = RecordSplitter.shared.split(
          bytes,
          count,
          stride,
          [
            { at: axes[0], into: columns[0] },
            { at: axes[1], into: columns[1] },
            { at: axes[2], into: columns[2] },
          ],
          { at: starts[3]!, size, into: taken },
        );
        const expected = byHand(bytes, count, stride, axes, [starts[3]!, size]);
        expect(columns.map((column) => [...column])).toEqual(expected.axes);
        expect([...taken]).toEqual(expected.taken);
        expect(extents.map((extent) => [...extent])).toEqual(expected.extents);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps nothing of earlier records', () => {
    const split = (values: readonly number[]) => {
      const bytes = new Uint8Array(Int32Array.from(values.flatMap((value) => [value, value, value])).buffer);
      const columns = [0, 1, 2].map(() => new Int32Array(values.length)) as [
        Int32Array,
        Int32Array,
        Int32Array,
      ];
      return RecordSplitter.shared.split(
        bytes,
        values.length,
        12,
        [
          { at: 0, into: columns[0] },
          { at: 4, into: columns[1] },
          { at: 8, into: columns[2] },
        ],
        null,
      );
    };
    expect(split([-(2 ** 31), 2 ** 31 - 1])[0]).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    expect(split([5, 7])).toEqual([
      [5, 7],
      [5, 7],
      [5, 7],
    ]);
  });
});
