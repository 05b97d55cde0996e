import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { damaged } from '../testing/index.ts';
import { decodePlanes } from './decode-potree2-planes.ts';
import { unmix24 } from './morton.ts';

/** One plane of 16 bytes a point. */
const layout = { stride: 16, positionAt: 0, scale: [1, 1, 1], offset: [0, 0, 0], intensity: null } as const;

/** A node of one point whose code has the given bits, upper and lower word. */
function node(upper: bigint, lower: bigint): Uint8Array {
  const plane = new Uint8Array(16);
  new DataView(plane.buffer).setBigUint64(0, upper, true);
  new DataView(plane.buffer).setBigUint64(8, lower, true);
  return new Uint8Array(brotliCompressSync(plane));
}
const first = ({ x, y, z }: ReturnType<typeof decodePlanes>) => [x[0], y[0], z[0]];

describe('BROTLI nodes', () => {
  test('x is bit 0 of a Morton code, y bit 1, z bit 2', () => {
    expect([1, 2, 4, 8].map(unmix24)).toEqual([1, 1 << 8, 1 << 16, 2]);
    expect(unmix24(0xffffff)).toBe(0xffffff);
  });

  test('coordinates are one step lower than stored: the writer subtracts a minimum of -1', () => {
    expect(first(decodePlanes(node(0n, 0b111n), 1, layout))).toEqual([0, 0, 0]);
    expect(first(decodePlanes(node(0n, 0n), 1, layout))).toEqual([-1, -1, -1]);
  });

  test('every bit of every axis is at its place', () => {
    for (let bit = 0; bit < 32; bit++) {
      for (let axis = 0; axis < 3; axis++) {
        const code = 1n << BigInt(3 * (bit % 16) + axis);
        const decoded = first(decodePlanes(bit < 16 ? node(0n, code) : node(code, 0n), 1, layout));
        const expected = [-1, -1, -1];
        expected[axis] = ((1 << bit) | 0) - 1 === -(2 ** 31) - 1 ? 2 ** 31 - 1 : (1 << bit) - 1;
        expect(decoded).toEqual(expected);
      }
    }
  });

  test('the upper word counts where only its highest bits are set: the viewer drops those', () => {
    const upper = 1n << 45n;
    expect(first(decodePlanes(node(upper, 0n), 1, layout))).toEqual([2 ** 31 - 1, -1, -1]);
  });

  test('the content must have exactly the bytes that the points take', () => {
    const twoPoints = new Uint8Array(brotliCompressSync(new Uint8Array(32)));
    expect(decodePlanes(twoPoints, 2, layout).count).toBe(2);
    expect(() => decodePlanes(twoPoints, 1, layout)).toThrow(/more than 16 bytes/);
    expect(() => decodePlanes(twoPoints, 3, layout)).toThrow(/32 bytes instead of 48/);
  });

  test('a bomb does not go off', () => {
    const bomb = new Uint8Array(
      brotliCompressSync(new Uint8Array(8 * 1024 * 1024), {
        params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
      }),
    );
    expect(() => decodePlanes(bomb, 4, layout)).toThrow(/more than 64 bytes/);
  });

  test('bytes after the stream are refused', () => {
    const bytes = node(0n, 7n);
    expect(() => decodePlanes(Uint8Array.from([...bytes, 1, 2]), 1, layout)).toThrow(/2 bytes before/);
  });

  test('damaged nodes decode to that many points or are refused', () => {
    const random = mulberry32(11);
    const planes = Uint8Array.from({ length: 160 }, () => random() * 256);
    const good = new Uint8Array(brotliCompressSync(planes));
    for (const copy of damaged(good, 500, random)) {
      try {
        expect(decodePlanes(copy, 10, layout).x).toHaveLength(10);
      } catch (error) {
        expect((error as Error).message).toMatch(/brotli/);
      }
    }
  });
});
