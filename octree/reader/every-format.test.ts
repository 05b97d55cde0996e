/**
 * Every format and encoding, every kind of region: the points of the region, those of brute force and no
 * others.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import type { Region } from '../regions/index.ts';
import { belongs, listed, regionKinds, SMALL_CLOUDS, sorted, storeCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const source = new MemorySource();
const reader = new CloudReader({ source, decodeWorkers: 1, versionTtlMs: 1e9 });
afterAll(() => reader.close());

/**
 * Quarter turns are exact for the reader and rounded for brute force: points on such a border would tell them
 * apart.
 */
const isToldApart = (region: Region) =>
  region.type === 'box' && region.yaw !== 0 && Math.abs(Math.sin(2 * region.yaw)) < 1e-9;

describe.each(Object.keys(SMALL_CLOUDS))('%s', (name) => {
  const opened = (async () => {
    const cloud = await SMALL_CLOUDS[name]!();
    const id = storeCloud(source, name, cloud);
    const everything: Region = { type: 'sphere', center: cloud.middle, radius: 4 * cloud.half };
    const all = listed((await reader.read(id, [everything])).points(everything));
    return { ...cloud, id, all };
  })();

  test('has all points', async () => {
    const { all, points } = await opened;
    expect(all.length).toBeGreaterThan(100);
    if (points !== null) expect(sorted(all)).toEqual(sorted(points));
  });

  test('is described as it is', async () => {
    const { id, all } = await opened;
    const { bounds, points, nodes, sensor, spacing } = await reader.cloud(id);
    expect(points).toBe(all.length);
    expect(sensor).toBeNull();
    expect(spacing).toBeGreaterThan(0);
    // null where the first page of the hierarchy does not have them all.
    if (nodes !== null) expect(nodes).toBeGreaterThan(1);
    const step = 0.02;
    for (const { x, y, z } of all)
      for (const [axis, value] of [x, y, z].entries()) {
        expect(value).toBeGreaterThanOrEqual(bounds.min[axis]! - step);
        expect(value).toBeLessThanOrEqual(bounds.max[axis]! + step);
      }
  });

  test.each(['click', 'sphere', 'box', 'polygon', 'frustum'] as const)('by %s', async (kind) => {
    const { id, all, middle, half } = await opened;
    const asked = regionKinds(middle, half)[kind].filter((region) => !isToldApart(region));
    let found = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (region) => {
        const view = await reader.read(id, [region]);
        const expected = all.filter((point) => belongs(region, point));
        expect(sorted(listed(view.points(region)))).toEqual(sorted(expected));
        expect(view.count(region)).toBe(expected.length);
        expect(view.isTruncated).toBe(false);
        found += expected.length;
      }),
      { numRuns: 40 },
    );
    // Or all of this was about nothing.
    expect(found).toBeGreaterThan(0);
  });
});
