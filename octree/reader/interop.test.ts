/**
 * Clouds that other tools wrote. They lie beside the repository; where they do not, there is nothing to
 * check.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { FolderSource } from '../../cache/sources/index.ts';
import type { Region } from '../regions/index.ts';
import { belongs, listed, sorted } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const ROOT = fileURLToPath(new URL('../../../shared/interop', import.meta.url));

describe.skipIf(!existsSync(ROOT))('the ellipsoid that Entwine wrote', () => {
  const reader = new CloudReader({ source: new FolderSource({ root: ROOT }), decodeWorkers: 1 });
  afterAll(() => reader.close());
  const everything: Region = { type: 'sphere', center: [-8242596, 4966606, 0], radius: 1000 };
  const encodings = ['binary', 'zstandard', 'laszip'];
  const ids = encodings.map((encoding) => `ept-ellipsoid-${encoding}`);

  test('has 100,000 points in each encoding, the same ones', async () => {
    const [binary, ...others] = await Promise.all(
      ids.map(async (id) => sorted(listed((await reader.read(id, [everything])).points(everything)))),
    );
    expect(binary).toHaveLength(100_000);
    for (const other of others) expect(other).toEqual(binary);
  });

  test('is described as its ept.json has it', async () => {
    for (const id of ids) {
      expect(await reader.cloud(id)).toMatchObject({
        id,
        format: 'ept',
        version: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
        bounds: { min: [-8242747, 4966505, -51], max: [-8242445, 4966707, 51] },
        points: 100_000,
        spacing: 302 / 32,
        nodes: null,
        sensor: null,
      });
    }
  });

  test.each<Region>([
    { type: 'click', position: [-8242500, 4966650, 20] },
    { type: 'sphere', center: [-8242446, 4966606, 0], radius: 30 },
    { type: 'box', center: [-8242596, 4966606, 50], size: [80, 30, 4], yaw: 0.4 },
    { type: 'box', center: [-8242596, 4966606, 0], size: [302, 202, 102], yaw: 0 },
    {
      type: 'polygon',
      ring: [
        [-8242700, 4966550],
        [-8242500, 4966520],
        [-8242600, 4966700],
        [-8242600, 4966600],
      ],
      z: [-20, 35.5],
    },
  ])('crops as brute force does: %j', async (region) => {
    const all = listed((await reader.read(ids[0]!, [everything])).points(everything));
    const expected = sorted(all.filter((point) => belongs(region, point)));
    for (const id of ids) {
      const view = await reader.read(id, [region]);
      expect(sorted(listed(view.points(region)))).toEqual(expected);
    }
  });
});
