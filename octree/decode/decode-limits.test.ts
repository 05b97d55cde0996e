/** Nodes that promise, or unpack to, more than any node has: refused before memory is taken for them. */
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { zstdCompress, zstdReady } from '../zstd/index.ts';
import type { DecodeJob, NodeEncoding } from './decode-job.ts';
import { decodeMemoryBytes, decoderHeapBytes } from './decode-limits.ts';
import { decodeNode } from './decode-node.ts';

const MIB = 2 ** 20;
const WITHIN = { min: [-1e9, -1e9, -1e9], max: [1e9, 1e9, 1e9] } as const;
const axis = (at: number) => ({ at, type: 'signed', size: 4, scale: 1, offset: 0 }) as const;
const records = (compression: 'none' | 'zstandard', stride: number): NodeEncoding => ({
  kind: 'records',
  compression,
  layout: { stride, x: axis(0), y: axis(4), z: axis(8), intensity: null },
});
const planes = (stride: number): NodeEncoding => ({
  kind: 'potree2-planes',
  layout: { stride, positionAt: 0, scale: [1, 1, 1], offset: [0, 0, 0], intensity: null },
});
const chunk: NodeEncoding = {
  kind: 'copc-chunk',
  pointFormat: 6,
  recordBytes: 30,
  scale: [1, 1, 1],
  offset: [0, 0, 0],
};
const job = (encoding: NodeEncoding, bytes: Uint8Array, count: number): DecodeJob => ({
  encoding,
  bytes: new Uint8Array(bytes),
  count,
  within: WITHIN,
});

describe('a node is refused', () => {
  test.each<[string, DecodeJob, RegExp]>([
    [
      'whose hierarchy promises more points than any has',
      job(chunk, new Uint8Array(1000), 11e6),
      /11000000 points are more/,
    ],
    [
      'of zstandard, too large unpacked',
      job(records('zstandard', 200), new Uint8Array(1000), 5e6),
      /bytes unpacked/,
    ],
    ['of brotli, too large unpacked', job(planes(200), new Uint8Array(1000), 5e6), /bytes unpacked/],
    [
      'of zstandard, with more points than its bytes can hold',
      job(records('zstandard', 12), new Uint8Array(1000), 5e6),
      /more than 1000 bytes can hold/,
    ],
    [
      'of brotli, with more points than its bytes can hold',
      job(planes(16), brotliCompressSync(new Uint8Array(100 * MIB)), 6e6),
      /bytes can hold/,
    ],
    [
      'of LAZ, with more points than its bytes can hold',
      job(chunk, new Uint8Array(500), 9e6),
      /more than 500 bytes can hold/,
    ],
    [
      'of a LAZ file, with more points than its bytes can hold',
      job({ kind: 'laz' }, new Uint8Array(500), 9e6),
      /bytes can hold/,
    ],
  ])('%s', async (_, hostile, message) => {
    await zstdReady();
    const before = decoderHeapBytes();
    await expect(decodeNode(hostile)).rejects.toThrow(message);
    expect(decoderHeapBytes()).toBe(before);
  });
});

test('a small node may pack as well as it likes', async () => {
  await zstdReady();
  const count = 200_000;
  const packed = zstdCompress(new Uint8Array(12 * count));
  expect(packed.byteLength * 1000).toBeLessThan(12 * count);
  expect((await decodeNode(job(records('zstandard', 12), packed, count))).count).toBe(count);
  const brotli = brotliCompressSync(new Uint8Array(16 * count));
  expect((await decodeNode(job(planes(16), brotli, count))).count).toBe(count);
});

test('what decoding takes is known before, and covers what the points take after', async () => {
  await zstdReady();
  const count = 50_000;
  for (const encoding of [records('none', 12), records('zstandard', 12)]) {
    const content = new Uint8Array(12 * count).map((_, i) => (i % 4 === 0 ? i >> 4 : 0));
    const bytes =
      encoding.kind === 'records' && encoding.compression === 'zstandard' ? zstdCompress(content) : content;
    const { x, y, z } = await decodeNode(job(encoding, bytes, count));
    const decoded = x.byteLength + y.byteLength + z.byteLength;
    expect(decodeMemoryBytes(job(encoding, bytes, count))).toBeGreaterThanOrEqual(decoded);
  }
  expect(decodeMemoryBytes(job(records('zstandard', 20), new Uint8Array(7), 100))).toBe(7 + 2000 + 1400);
});
