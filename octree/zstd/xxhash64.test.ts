import { describe, expect, test } from 'vitest';
import { xxhash64Low } from './xxhash64.ts';

/** XXH64 as the specification writes it down, in 64-bit integers. */
function reference(bytes: Uint8Array): number {
  const mask = (1n << 64n) - 1n;
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const rotate = (x: bigint, n: bigint) => ((x << n) | (x >> (64n - n))) & mask;
  const round = (lane: bigint, input: bigint) => (rotate((lane + input * p2) & mask, 31n) * p1) & mask;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let hash: bigint = p5;
  if (bytes.length >= 32) {
    const lanes = [p1 + p2, p2, 0n, -p1].map((value) => value & mask);
    for (; at + 32 <= bytes.length; at += 32)
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    hash = [1n, 7n, 12n, 18n].reduce((sum, n, i) => (sum + rotate(lanes[i]!, n)) & mask, 0n);
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * p1 + p4) & mask;
  }
  hash = (hash + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8)
    hash = (rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4) & mask;
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * p1) & mask), 23n) * p2 + p3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) hash = (rotate(hash ^ ((BigInt(bytes[at]!) * p5) & mask), 11n) * p1) & mask;
  hash = ((hash ^ (hash >> 33n)) * p2) & mask;
  hash = ((hash ^ (hash >> 29n)) * p3) & mask;
  return Number((hash ^ (hash >> 32n)) & 0xffff_ffffn);
}

describe('XXH64', () => {
  test('the published value of nothing', () => {
    // EF46DB3751D8E999
    expect(xxhash64Low(new Uint8Array(0))).toBe(0x51d8e999);
  });

  test('equals the specification at every length', () => {
    for (let length = 0; length < 150; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 2654435761 + length * 97) >>> 13);
      expect(xxhash64Low(bytes)).toBe(reference(bytes));
    }
  });
});
