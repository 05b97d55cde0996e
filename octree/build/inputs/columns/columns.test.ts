/**
 * Tables as inputs: pickles of pandas and Feather files that others wrote, and what is no table of points.
 */
import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { writePandasPickle } from '../../../pandas/index.ts';
import { readAll, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();
const fixture = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

describe('a pickled table', () => {
  it.each(['0.25', '1.2', '2.2', '3.1'])('of pandas %s, as PandaSet has them', async (version) => {
    const input = await openInput(fixture(`pandas/fixtures/points-${version}.pkl.gz`));
    expect(input).toMatchObject({ count: 4, intensity: 'float64', unread: [] });
    expect(input.attributes).toEqual([
      { name: 'GpsTime', type: 'float64' },
      { name: 'PointSourceId', type: 'uint16' },
    ]);
    expect(await readAll(input)).toEqual([
      { x: 1.5, y: 0.5, z: -1, intensity: 0 },
      { x: -2.25, y: 0.25, z: -1.5, intensity: 7 },
      { x: 3.125, y: -0.125, z: 0, intensity: 255 },
      { x: 4, y: 8, z: 2, intensity: 12 },
    ]);
    for await (const { attributes } of input.batches({ attributes: true }))
      expect(attributes.map((column) => [...column])).toEqual([
        [1557540000, 1557540000.025, 1557540000.05, 1557540000.075],
        [0, 1, 0, 1],
      ]);
  });

  it('with other columns is refused, naming them', async () => {
    await expect(openInput(fixture('pandas/fixtures/cuboids-2.2.pkl.gz'))).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/cuboids-2\.2\.pkl\.gz: has no columns x, y and z; its columns: .*yaw/),
    });
    const table = writePandasPickle(
      new Map<string, (string | number)[]>([
        ['x', ['a']],
        ['y', [1]],
        ['z', [1]],
      ]),
    );
    await expect(openInput(await scratch.write('words.pkl', table))).rejects.toThrow(
      /no columns x, y and z; its columns: y, z/,
    );
  });
});

describe('a Feather file', () => {
  it.each(['uncompressed', 'lz4', 'zstd'])('%s, as Argoverse 2 has them', async (compression) => {
    const input = await openInput(fixture(`arrow/fixtures/sweep-${compression}.feather`));
    expect(input).toMatchObject({ count: 300, intensity: 'uint16', unread: [] });
    expect(input.attributes).toEqual(
      expect.arrayContaining([
        { name: 'Ring', type: 'uint16' },
        { name: 'offset_ns', type: 'int32' },
        { name: 'timestamp_ns', type: 'int64' },
      ]),
    );
    expect(input.attributes).toHaveLength(3);
    const points = await readAll(input);
    expect(points[137]).toEqual({ x: 137 / 8, y: -137 / 4, z: 2, intensity: 137 });
  });

  it('that is damaged is refused by its name', async () => {
    const bytes = readFileSync(fixture('arrow/fixtures/sweep-zstd.feather'));
    const cut = await scratch.write('cut.feather', bytes.subarray(0, 3000));
    await expect(openInput(cut)).rejects.toThrow(/cut\.feather: it is cut off/);
    await copyFile(fixture('arrow/fixtures/sweep-zstd.feather'), scratch.path('named.dat'));
    expect((await openInput(scratch.path('named.dat'), 'feather')).count).toBe(300);
  });
});
