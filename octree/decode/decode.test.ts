import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecodedNode } from '../points/index.ts';
import { lazNodes } from '../testing/index.ts';
import { decodeLaz } from './decode-laz.ts';
import { decodeNode } from './decode-node.ts';

const EVERYWHERE = { min: [-1e9, -1e9, -1e9], max: [1e9, 1e9, 1e9] } as const;

function pointsOf({ count, x, y, z, scale, offset, intensity }: DecodedNode) {
  return Array.from({ length: count }, (_, i) => ({
    x: x[i]! * scale[0] + offset[0],
    y: y[i]! * scale[1] + offset[1],
    z: z[i]! * scale[2] + offset[2],
    intensity: intensity ? intensity.raw[i]! * intensity.scale + intensity.offset : 0,
  }));
}

describe('LAZ nodes', () => {
  test.each(lazNodes().map((node) => [node.pointFormat, node.key, node] as const))(
    'of point format %i (%s) give their points',
    async (_, __, { laz, points }) => {
      const node = await decodeLaz(laz, points.length);
      expect(pointsOf(node)).toEqual(points.map(({ x, y, z, intensity }) => ({ x, y, z, intensity })));
      expect(node.bounds!.min[0]).toBe(Math.min(...points.map(({ x }) => x)));
      expect(node.bounds!.max[2]).toBe(Math.max(...points.map(({ z }) => z)));
    },
  );

  test('the decoder leaves no handlers on the process', async () => {
    const count = () =>
      process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
    const before = count();
    const [{ laz, points }] = lazNodes() as [ReturnType<typeof lazNodes>[0]];
    await decodeLaz(laz, points.length);
    expect(count()).toBe(before);
  });

  test('another number of points than promised is refused', async () => {
    const { laz } = lazNodes()[0]!;
    await expect(decodeLaz(laz, 61)).rejects.toThrow('60 points instead of 61');
  });

  test.each([6, 7, 8])(
    'a layer of a gigabyte (point format %i) is refused before it is looked for',
    async (format) => {
      const { laz, points } = lazNodes().find(
        ({ pointFormat, points: { length } }) => pointFormat === format && length > 1,
      )!;
      const view = new DataView(new Uint8Array(laz).buffer);
      const layerSize = view.getUint32(96, true) + 8 + view.getUint16(105, true) + 4;
      view.setUint32(layerSize, 0x3f00_0000, true);
      await expect(decodeLaz(new Uint8Array(view.buffer), points.length)).rejects.toThrow(
        /layers of \d+ bytes in a chunk of/,
      );
    },
  );

  test('any number of damaged files leave the decoder as it was', async () => {
    const { laz, points } = lazNodes().find(({ pointFormat }) => pointFormat === 3)!;
    const damaged = new Uint8Array(laz);
    const from = new DataView(laz.buffer).getUint32(96, true) + 60;
    damaged.fill(0xff, from, from + 150);
    for (let i = 0; i < 400; i++) await expect(decodeLaz(damaged, points.length)).rejects.toThrow('damaged');
    expect(pointsOf(await decodeLaz(laz, points.length))).toHaveLength(points.length);
  });

  test.each([4, 5, 9, 10])('whose records are too short for point format %i are refused', async (format) => {
    const copy = new Uint8Array(lazNodes()[0]!.laz);
    copy[104] = format | 0x80;
    await expect(decodeLaz(copy, 60)).rejects.toThrow(`are too short for point format ${format}`);
  });

  test.each([11, 42, 63])('of point format %i, which there is not, are refused', async (format) => {
    const copy = new Uint8Array(lazNodes()[0]!.laz);
    copy[104] = format | 0x80;
    await expect(decodeLaz(copy, 60)).rejects.toThrow(`point format ${format}`);
  });

  test('damage ends in an Error or in as many points, and the next file is read well', async () => {
    const nodes = lazNodes();
    const outcomes = { error: 0, points: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...nodes),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7)), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async ({ laz, points }, flips, share, truncate) => {
          const damaged = new Uint8Array(
            laz.subarray(0, truncate ? Math.floor(share * (laz.length - 1)) : laz.length),
          );
          for (const [where, bit] of flips)
            if (damaged.length > 0) damaged[Math.floor(where * damaged.length)]! ^= 1 << bit;
          try {
            expect((await decodeLaz(damaged, points.length)).count).toBe(points.length);
            outcomes.points += 1;
          } catch (error) {
            expect(error).not.toBeTypeOf('undefined');
            outcomes.error += 1;
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(outcomes.error).toBeGreaterThan(0);
    const { laz, points } = nodes[3]!;
    expect(pointsOf(await decodeLaz(laz, points.length))).toHaveLength(points.length);
  });
});

describe('decodeNode', () => {
  const layout = {
    stride: 24,
    x: { at: 0, type: 'float', size: 8, scale: 1, offset: 0 },
    y: { at: 8, type: 'float', size: 8, scale: 1, offset: 0 },
    z: { at: 16, type: 'float', size: 8, scale: 1, offset: 0 },
    intensity: null,
  } as const;
  const encoding = { kind: 'records', compression: 'none', layout } as const;
  const bytesOf = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

  test('points outside of the cube, or nowhere, are refused', async () => {
    const within = { min: [0, 0, 0], max: [1, 1, 1] } as const;
    const decode = (...values: number[]) =>
      decodeNode({ encoding, bytes: bytesOf(...values), count: values.length / 3, within });
    expect((await decode(0, 0, 0, 1, 1, 1)).count).toBe(2);
    await expect(decode(0, 0, 0, 1, 1.1, 1)).rejects.toThrow("the node's cube is");
    await expect(decode(0, 0, 0, Number.NaN, 1, 1)).rejects.toThrow('not a finite number');
    await expect(decode(0, 0, 0, 1, Number.POSITIVE_INFINITY, 1)).rejects.toThrow('not a finite number');
    await expect(decodeNode({ encoding, bytes: bytesOf(1, 1, 1, 1), count: 1, within })).rejects.toThrow(
      '32 bytes are not 1 points of 24',
    );
  });

  test('works on views into larger buffers', async () => {
    const bytes = new Uint8Array(bytesOf(9, 9, 9, 1, 2, 3).buffer, 24);
    expect(pointsOf(await decodeNode({ encoding, bytes, count: 1, within: EVERYWHERE }))).toEqual([
      { x: 1, y: 2, z: 3, intensity: 0 },
    ]);
  });
});
