import { describe, expect, it } from 'vitest';
import { mainMemoryParts, memoryParts, tileBytesBeside } from './memory-parts.ts';

const MEBIBYTE = 2 ** 20;

describe('the parts of --memory-bytes', () => {
  it('make up the whole, whatever takes from it', () => {
    const all = 384 * MEBIBYTE;
    const { httpBytes: http, cloudBytes } = mainMemoryParts(all);
    const parts = memoryParts(cloudBytes);
    const held = (usedBytes: number, heapBytes: number) =>
      http + parts.metadataBytes + usedBytes + heapBytes + tileBytesBeside(parts, usedBytes, heapBytes);
    // Tiles give way to work and to the heaps of decoders alike.
    for (const used of [0, 10, 21, 100, 300])
      for (const heap of [0, 8, 30, 96]) {
        const fits = used + heap <= (cloudBytes - parts.metadataBytes) / MEBIBYTE;
        // An idle server has 16 MiB of heaps already.
        if (fits) expect(held(used * MEBIBYTE, heap * MEBIBYTE)).toBeLessThanOrEqual(all + 16 * MEBIBYTE);
      }
    expect(held(parts.freeWorkBytes, 0)).toBeGreaterThan(0.99 * all);
  });

  it('leave tiles whole while work and decoders stay within their own part', () => {
    const parts = memoryParts(160 * MEBIBYTE);
    expect(tileBytesBeside(parts, 4 * MEBIBYTE, 22 * MEBIBYTE)).toBe(parts.tileBytes);
    expect(tileBytesBeside(parts, 4 * MEBIBYTE, 23 * MEBIBYTE)).toBe(parts.tileBytes - MEBIBYTE);
    expect(tileBytesBeside(parts, 1000 * MEBIBYTE, 0)).toBe(0);
  });

  it('are enough for a body and a click where next to nothing is to be kept', () => {
    expect(mainMemoryParts(0)).toEqual({ httpBytes: 16 * MEBIBYTE, cloudBytes: 0 });
    expect(memoryParts(0)).toMatchObject({ tileBytes: 0, workBytes: 32 * MEBIBYTE });
  });
});
