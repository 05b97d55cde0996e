import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { nodeCorner } from '../formats/index.ts';
import type { Bounds } from '../geometry/index.ts';
import { Key } from '../geometry/index.ts';
import { decodePotree1Bin, decodePotree1Las } from './decode-potree1-file.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../formats/potree1/fixtures/${name}`, import.meta.url)));
const axis = (at: number, offset: number) => ({ at, type: 'signed', size: 4, scale: 0.5, offset }) as const;
const layout = { stride: 14, x: axis(2, 10), y: axis(6, 20), z: axis(10, 30), intensity: null };

describe('.bin nodes', () => {
  test('positions are signed: a point a step below the corner does not become four billion', () => {
    const bytes = new Uint8Array(14);
    const view = new DataView(bytes.buffer);
    view.setInt32(2, -1, true);
    view.setInt32(6, 4, true);
    const node = decodePotree1Bin(bytes, layout);
    expect(node.bounds).toEqual({ min: [9.5, 22, 30], max: [9.5, 22, 30] });
  });

  test('the length of the file says how many points there are; half a record is refused', () => {
    expect(decodePotree1Bin(new Uint8Array(42), layout).count).toBe(3);
    expect(decodePotree1Bin(new Uint8Array(0), layout)).toMatchObject({ count: 0, bounds: null });
    expect(() => decodePotree1Bin(new Uint8Array(43), layout)).toThrow(/43 bytes/);
  });
});

describe('.las and .laz nodes', () => {
  test('hold the same points', async () => {
    for (const [name, count] of [
      ['r', 40],
      ['r0', 1],
      ['r4', 40],
      ['r43', 40],
    ] as const) {
      const las = await decodePotree1Las(fixture(`${name}.las`), count);
      const laz = await decodePotree1Las(fixture(`${name}.laz`), count);
      expect(laz).toEqual(las);
      expect(las.count).toBe(count);
    }
  });

  test('a LAS file that does not end with its last point is refused, whatever the hierarchy says', async () => {
    const whole = fixture('r.las');
    await expect(decodePotree1Las(whole, 39)).resolves.toMatchObject({ count: 40 });
    await expect(decodePotree1Las(whole.slice(0, -1), 40)).rejects.toThrow(/does not end/);
    const placeholder = whole.slice();
    new DataView(placeholder.buffer).setUint32(107, 111, true);
    await expect(decodePotree1Las(placeholder, 40)).rejects.toThrow(/does not end/);
  });

  test('a LAZ file must have the points that the hierarchy promises', async () => {
    await expect(decodePotree1Las(fixture('r.laz'), 39)).rejects.toThrow(/40 points instead of 39/);
  });
});

test('the corner of a node is halved level by level, as the writer does', () => {
  const cube: Bounds = {
    min: [-0.748212993144989, -2.78040599822998, 2.54782128334045],
    max: [3.89967638254166, 1.86748337745667, 7.1957106590271],
  };
  const half = (low: number, high: number) => low + (high - low) * 0.5;
  const x = half(half(cube.min[0], cube.max[0]), cube.max[0]);
  expect(nodeCorner(Key.create(2, 3, 0, 1), cube)[0]).toBe(x);
  expect(nodeCorner(Key.root, cube)).toEqual(cube.min);
});
