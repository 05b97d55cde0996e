import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { zstdCompress, zstdDecompress, zstdReady } from './zstd.ts';

/** As a streaming writer (Entwine, PDAL) makes it: one raw block, no content size in the header. */
function unsizedFrame(content: Uint8Array): Uint8Array {
  const header = (content.byteLength << 3) | 1;
  return Uint8Array.from([
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0x00,
    0x50,
    header & 255,
    (header >> 8) & 255,
    header >> 16,
    ...content,
  ]);
}

describe('zstandard', () => {
  beforeAll(zstdReady);

  test('gives back what was compressed, at every level', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 19 }), (bytes, level) => {
        expect(Buffer.compare(zstdDecompress(zstdCompress(bytes, level), bytes.byteLength), bytes)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('reads frames without a content size, and several in a row', () => {
    const content = Uint8Array.from([1, 2, 3, 4, 5]);
    expect([...zstdDecompress(unsizedFrame(content), 5)]).toEqual([1, 2, 3, 4, 5]);
    const two = Buffer.concat([zstdCompress(content), unsizedFrame(content)]);
    expect([...zstdDecompress(two, 10)]).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  test('refuses content of another size, however large', () => {
    const bomb = zstdCompress(new Uint8Array(64 * 1024 * 1024));
    expect(bomb.byteLength).toBeLessThan(10_000);
    expect(() => zstdDecompress(bomb, 1000)).toThrow(/zstandard/);
    expect(() => zstdDecompress(zstdCompress(new Uint8Array(10)), 11)).toThrow('10 bytes instead of 11');
    expect(() => zstdDecompress(zstdCompress(new Uint8Array(10)), 9)).toThrow(/zstandard/);
  });

  test('frames have the checksum that the reference library expects, whoever wrote them', () => {
    // Lengths that take every path of the hash: stripes of 32 bytes, words of 8 and 4, single bytes.
    for (const length of [...Array(200).keys(), 300_000, 2 ** 20]) {
      const content = Uint8Array.from({ length }, (_, i) => (i * 7919 + length) >> 3);
      const frame = zstdCompress(content);
      expect(frame[4]! & 0b100).toBe(0b100);
      expect(Buffer.compare(zstdDecompress(frame, length), content)).toBe(0);
    }
  });

  test('no flipped bit gives other content', () => {
    const content = Uint8Array.from({ length: 300 }, (_, i) => (i * i) >> 5);
    const frame = zstdCompress(content);
    const outcomes = { refused: 0, same: 0 };
    for (let bit = 0; bit < 8 * frame.length; bit++) {
      const damaged = new Uint8Array(frame);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      let found: Uint8Array | null = null;
      try {
        found = zstdDecompress(damaged, content.length);
        outcomes.same++;
      } catch {
        outcomes.refused++;
      }
      if (found !== null) expect(Buffer.compare(found, content)).toBe(0);
    }
    // One bit of a frame's descriptor means nothing.
    expect(outcomes.same).toBeLessThan(8);
    expect(outcomes.refused).toBeGreaterThan(8 * frame.length - 8);
  });

  test('never crashes on damaged frames', () => {
    const content = Uint8Array.from({ length: 3000 }, (_, i) => (i * i) >> 4);
    const frame = zstdCompress(content);
    fc.assert(
      fc.property(
        fc.nat(frame.byteLength - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(frame.byteLength),
        (at, mask, length) => {
          const damaged = new Uint8Array(frame);
          damaged[at]! ^= mask;
          for (const bytes of [
            damaged,
            frame.subarray(0, Math.min(length, frame.byteLength - 1)),
            damaged.subarray(0, length),
          ]) {
            try {
              expect(zstdDecompress(bytes, content.byteLength)).toHaveLength(content.byteLength);
            } catch (error) {
              expect(String(error)).toMatch(/zstandard/);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
