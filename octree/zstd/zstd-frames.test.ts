import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { zstdCompress, zstdDecompress, zstdMemoryBytes, zstdReady } from './zstd.ts';
import { frameBounds } from './zstd-frames.ts';

const MIB = 2 ** 20;

/**
 * A frame of `blocks` blocks, each one byte that stands for 128 KiB; with its size in its header or without.
 */
function runs(blocks: number, isSized: boolean): Uint8Array {
  const frame = [0x28, 0xb5, 0x2f, 0xfd];
  if (isSized) {
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, BigInt(blocks) * 131072n, true);
    frame.push(0b1100_0000, 0x58, ...size);
  } else frame.push(0, 0x58);
  for (let block = 0; block < blocks; block++) {
    const header = (131072 << 3) | (1 << 1) | Number(block === blocks - 1);
    frame.push(header & 255, (header >> 8) & 255, header >> 16, 7);
  }
  return Uint8Array.from(frame);
}

describe('what zstandard frames can unpack to', () => {
  beforeAll(zstdReady);

  test('is known from their headers, of real frames and of several in a row', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 3 }),
        (contents) => {
          const frames = Buffer.concat(contents.map((content) => zstdCompress(content)));
          const size = contents.reduce((sum, { length }) => sum + length, 0);
          const { declared, atMost } = frameBounds(frames);
          expect(declared).toBe(size);
          expect(atMost).toBeGreaterThanOrEqual(size);
        },
      ),
    );
  });

  test('is known for runs, declared or not', () => {
    expect(frameBounds(runs(3, true))).toEqual({ declared: 3 * 131072, atMost: 3 * 131072 });
    expect(frameBounds(runs(3, false))).toEqual({ declared: null, atMost: 3 * 131072 });
    expect(zstdDecompress(runs(3, false), 3 * 131072).every((byte) => byte === 7)).toBe(true);
  });

  test('frames that are cut off, or are none, are refused', () => {
    const whole = zstdCompress(new Uint8Array(5000).map((_, i) => i * i));
    for (let length = 1; length < whole.length; length++)
      expect(() => frameBounds(whole.subarray(0, length)), `${length}`).toThrow(/zstandard/);
    expect(() => frameBounds(Uint8Array.from([1, 2, 3, 4, 5]))).toThrow(/zstandard/);
  });

  test.each([
    ['the hierarchy promises more than the frame declares', runs(2, true), 400 * MIB],
    ['the hierarchy promises more than its blocks can hold', runs(2, false), 400 * MIB],
    ['the frame declares more than the hierarchy promises', runs(3200, true), 1000],
  ])('no memory is taken where %s', (_, frame, expected) => {
    const before = zstdMemoryBytes();
    expect(() => zstdDecompress(frame, expected)).toThrow(/instead of/);
    expect(zstdMemoryBytes()).toBe(before);
  });

  test('memory that a large frame took is given back', async () => {
    expect(zstdDecompress(runs(800, true), 100 * MIB).byteLength).toBe(100 * MIB);
    while (zstdMemoryBytes() > 32 * MIB) await new Promise((resolve) => setImmediate(resolve));
    expect([...zstdDecompress(zstdCompress(Uint8Array.from([1, 2])), 2)]).toEqual([1, 2]);
  });
});
