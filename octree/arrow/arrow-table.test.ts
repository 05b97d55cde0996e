/** Feather files that pyarrow wrote (fixtures/make.py), in each compression. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArrowTable } from './index.ts';

const bytesOf = (name: string) => readFileSync(new URL(`fixtures/sweep-${name}.feather`, import.meta.url));

describe.each(['uncompressed', 'lz4', 'zstd'])('a Feather file, %s', (compression) => {
  it('has its numbers and words', async () => {
    const { rows, numbers, words } = await readArrowTable(bytesOf(compression));
    expect(rows).toBe(300);
    const at = (name: string, row: number) => numbers.get(name)!.values[row];
    for (const row of [0, 1, 137, 299]) {
      expect([at('x', row), at('y', row), at('z', row)]).toEqual(
        [row / 8, -row / 4, row % 5].map((v) => v + 0),
      );
      expect([at('intensity', row), at('laser_number', row), at('offset_ns', row)]).toEqual([
        row % 256,
        row % 64,
        1000 * row,
      ]);
      expect(at('timestamp_ns', row)).toBe(315966265259836000n + BigInt(row));
      expect(words.get('category')![row]).toBe(row % 2 === 1 ? 'BUS' : 'REGULAR_VEHICLE');
    }
    expect([...numbers].map(([name, { type }]) => [name, type])).toEqual([
      ['x', 'float32'],
      ['y', 'float32'],
      ['z', 'float32'],
      ['intensity', 'uint8'],
      ['laser_number', 'uint8'],
      ['offset_ns', 'int32'],
      ['timestamp_ns', 'int64'],
    ]);
  });

  it('is refused where it is cut off', async () => {
    const whole = bytesOf(compression);
    for (const share of [0, 0.01, 0.3, 0.7, 0.99])
      await expect(readArrowTable(whole.subarray(0, Math.floor(share * whole.length)))).rejects.toThrow();
  });
});
