import { describe, expect, it } from 'vitest';
import { PointBatch } from '../inputs/index.ts';
import { BuildColumns } from '../points/index.ts';
import { middleOf, Rounding } from './rounding.ts';

const STEPS = { scale: 0.001, offset: [1000, 0, -7] } as const;

function batchOf(points: readonly (readonly [number, number, number])[]): PointBatch {
  const batch = PointBatch.allocate(points.length, false);
  for (const [i, [x, y, z]] of points.entries()) [batch.x[i], batch.y[i], batch.z[i]] = [x, y, z];
  return { ...batch, count: points.length };
}

/** Appends all of the batch to columns of so much room, emptied whenever they are full. */
function rounded(batch: PointBatch, room: number, steps: Rounding['steps'] = STEPS) {
  const rounding = new Rounding(steps);
  const [min, max] = [Array<number>(3).fill(Infinity), Array<number>(3).fill(-Infinity)];
  const kept: { readonly point: number; readonly at: number[] }[] = [];
  for (let next = 0; next < batch.count; ) {
    const columns = BuildColumns.allocate(room, null);
    const run = rounding.append(batch, next, columns, min, max);
    for (let i = 0; i < columns.count; i++)
      kept.push({
        point: run.from + (run.rows?.[i] ?? i),
        at: [columns.x[i]!, columns.y[i]!, columns.z[i]!],
      });
    next = run.next;
  }
  return { rounding, kept, min, max };
}

/** The same by a plain loop. */
function byHand({ x, y, z, count }: PointBatch, { scale, offset }: Rounding['steps'] = STEPS) {
  return Array.from({ length: count }, (_, point) => ({
    point,
    at: [x, y, z].map((values, axis) => Math.round((values[point]! - offset[axis]!) / scale) + 0),
  })).filter(({ at }) => at.every((step) => Math.abs(step) <= 2 ** 31 - 1));
}

describe('Rounding', () => {
  it.each([1, 7, 8192, 100_000])('rounds as a plain loop does, into room for %i points', (room) => {
    const batch = batchOf(
      Array.from({ length: 9_001 }, (_, i) => [
        1000 + Math.sin(i) * 500,
        i % 97 === 0 ? Number.NaN : (i - 4_500) / 1000 + 0.0005,
        i % 1013 === 0 ? 1e30 : Math.cos(i * i) * 1e5,
      ]),
    );
    const { rounding, kept, min, max } = rounded(batch, room);
    const expected = byHand(batch);
    // As text: comparing thousands of objects takes seconds.
    expect(JSON.stringify(kept)).toBe(JSON.stringify(expected));
    for (const axis of [0, 1, 2]) {
      const values = expected.map(({ at }) => at[axis]!).sort((a, b) => a - b);
      expect([min[axis], max[axis]]).toEqual([values[0], values.at(-1)]);
    }
    const notFinite = Math.floor(9_000 / 97) + 1;
    expect(rounding.notFinite).toBe(notFinite);
    expect(rounding.beyond).toBe(9_001 - notFinite - expected.length);
    expect(rounding.farthest).toBe(1e30);
  });

  it('rounds halves up, and nothing else', () => {
    const values = [0.5, -0.5, 1.5, -1.5, 0.49999999999999994, 2.5, -2.5000000000000004, 1_073_741_823.5];
    const batch = batchOf(values.map((value) => [value, -value, 0]));
    const steps = { scale: 1, offset: [0, 0, 0] } as const;
    expect(rounded(batch, 8, steps).kept.map(({ at }) => at)).toEqual(
      values.map((value) => [Math.round(value) + 0, Math.round(-value) + 0, 0]),
    );
  });

  it('leaves out what is no step of 32 bits', () => {
    const edge = 2 ** 31 - 1;
    const values = [edge, -edge, edge + 0.4, edge + 1, -edge - 1, Infinity, -Infinity, Number.NaN, 5];
    const batch = batchOf(values.map((value) => [0, value, 0]));
    const { kept, rounding } = rounded(batch, 16, { scale: 1, offset: [0, 0, 0] });
    expect(kept.map(({ at }) => at[1])).toEqual([edge, -edge, edge, 5]);
    expect([rounding.notFinite, rounding.beyond, rounding.farthest]).toEqual([3, 2, edge + 1]);
  });

  it('begins at the middle of the points that are finite', () => {
    const batch = batchOf([
      [5e9, 1, 2],
      [6e9, 1, 2],
      [7e9, 1, 2],
      [Number.NaN, 0, 0],
    ]);
    expect(middleOf(batch, 0.001)).toEqual([6e9, 0, 0]);
  });
});
