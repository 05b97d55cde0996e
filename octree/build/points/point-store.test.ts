import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useScratch } from '../testing/index.ts';
import { BuildColumns } from './columns.ts';
import { PointStore } from './point-store.ts';

const scratch = useScratch();
const ATTRIBUTES = [
  { name: 'Classification', type: 'uint8' },
  { name: 'UserData', type: 'uint8' },
  { name: 'GpsTime', type: 'float64' },
] as const;

/** 25 points, 10 a block: two blocks in the file, five points in memory. The class is 0 in the first block. */
function filled(name: string): PointStore {
  const path = scratch.path(name);
  const store = new PointStore({ intensity: 'float32', attributes: ATTRIBUTES, blockPoints: 10, path });
  for (let i = 0; i < 25; i++) {
    if (store.full) store.flush();
    const to = store.next();
    const at = to.count++;
    [to.x[at], to.y[at], to.z[at]] = [i, 100 + i, 50 - i];
    to.intensity![at] = i / 2;
    to.attributes[0]![at] = i < 10 ? 0 : i;
    to.attributes[1]![at] = 0;
    to.attributes[2]![at] = 1e9 + i;
  }
  return store;
}

const numbers = Array.from({ length: 25 }, (_, i) => i);

function rowsOf({ count, ...columns }: BuildColumns): number[][] {
  const arrays = BuildColumns.arrays({ count, ...columns });
  return Array.from({ length: count }, (_, i) => arrays.map((array) => array[i]!));
}

describe('PointStore', () => {
  it('gives back what it was given, whole or block by block', () => {
    const store = filled('all.tmp');
    const wanted = numbers.map((i) => [i, 100 + i, 50 - i, i / 2, i < 10 ? 0 : i, 0, 1e9 + i]);
    expect(rowsOf(store.load())).toEqual(wanted);
    expect([...store.blocks()].map(({ count }) => count)).toHaveLength(3);
    const blocks: number[][] = [];
    for (const block of store.blocks()) blocks.push(...rowsOf(block));
    expect(blocks).toEqual(wanted);
  });

  it('gives back only the selected attributes, and only places where those are wanted', () => {
    const store = filled('some.tmp');
    store.select([2, 0]);
    const wanted = numbers.map((i) => [i, 100 + i, 50 - i, i / 2, 1e9 + i, i < 10 ? 0 : i]);
    expect(rowsOf(store.load())).toEqual(wanted);
    const places: number[][] = [];
    for (const { count, x, y, z } of store.places())
      for (let i = 0; i < count; i++) places.push([x[i]!, y[i]!, z[i]!]);
    expect(places).toEqual(numbers.map((i) => [i, 100 + i, 50 - i]));
  });

  it('writes no columns of zeros', () => {
    filled('zeros.tmp');
    const block = 10 * (3 * 4 + 4 + 8);
    expect(statSync(scratch.path('zeros.tmp')).size).toBe(block + block + 10);
  });
});
