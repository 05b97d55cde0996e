import { truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { useScratch } from '../testing/index.ts';
import { usefulThreads } from './threads.ts';

const MEBIBYTE = 1024 * 1024;
const scratch = useScratch();

/** Inputs of files that have `bytes` each; the files are sparse. */
async function inputs(count: number, bytes: number) {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const input = scratch.path(`${count}-${bytes}-${index}.bin`);
      await writeFile(input, '');
      await truncate(input, bytes);
      return { input, id: String(index) };
    }),
  );
}

describe('the threads of a batch', () => {
  it('are as many as jobs if there are enough inputs', async () => {
    expect(await usefulThreads(await inputs(8, 1), 2)).toBe(2);
    expect(await usefulThreads(await inputs(9, 1), 8)).toBe(3);
  });

  it('are one for few small inputs', async () => {
    expect(await usefulThreads(await inputs(2, MEBIBYTE), 2)).toBe(1);
    expect(await usefulThreads([{ input: 's3://bucket/a.las', id: 'a' }], 2)).toBe(1);
    expect(await usefulThreads([{ input: scratch.path('missing.las'), id: 'missing' }], 2)).toBe(1);
  });

  it('are one for each of few large inputs', async () => {
    expect(await usefulThreads(await inputs(2, 100 * MEBIBYTE), 2)).toBe(2);
    expect(await usefulThreads(await inputs(2, 100 * MEBIBYTE), 8)).toBe(2);
    expect(await usefulThreads(await inputs(1, 100 * MEBIBYTE), 8)).toBe(1);
    expect(await usefulThreads(await inputs(3, 100 * MEBIBYTE), 1)).toBe(1);
  });
});
