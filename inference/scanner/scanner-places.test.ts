import { describe, expect, test } from 'vitest';
import type { CloudInfo } from '../../octree/index.ts';
import { ScannerPlaces } from './index.ts';
import { syntheticScan } from './testing/index.ts';

const { signal } = new AbortController();
/** Where the scan's cloud lies, as UTM coordinates have it. */
const EAST = 515_000;
const NORTH = 4_918_000;

interface FakeCloud {
  readonly scan?: Float32Array;
  readonly version?: () => string;
}

function fakeReader({ scan = syntheticScan(1, [4, -6]), version = () => 'v1' }: FakeCloud = {}) {
  const read: unknown[] = [];
  let held = 0;
  const places = new ScannerPlaces({
    read: async (_id: string, _regions: unknown, options: { readonly pointBudget?: number }) => {
      read.push(options.pointBudget);
      held++;
      return {
        cloud: { version: version() },
        cropInSlices: async (_region: unknown, [x, y]: readonly number[]) => ({
          positions: scan.map((v, i) => (i % 3 === 0 ? v + EAST - x! : i % 3 === 1 ? v + NORTH - y! : v)),
          count: scan.length / 3,
        }),
        release: () => held--,
      };
    },
  } as never);
  return { places, read, held: () => held };
}

function cloud(part: Partial<CloudInfo> = {}): CloudInfo {
  const min = [EAST - 60, NORTH - 60, -1];
  const max = [EAST + 60, NORTH + 60, 20];
  return {
    id: 'a',
    version: 'v1',
    points: 100_000,
    sensor: null,
    bounds: { min, max },
    ...part,
  } as CloudInfo;
}
const aboutOrigin = { min: [-60, -60, -1], max: [60, 60, 20] } as unknown as CloudInfo['bounds'];

describe('the place of a scanner', () => {
  test('is what the metadata say', async () => {
    const { places, read } = fakeReader();
    expect(await places.of(cloud({ sensor: [1, 2, 3] }), 9, signal)).toEqual([1, 2, 3]);
    expect(read).toEqual([]);
  });

  test('is the origin of a single scan around it', async () => {
    const { places, read } = fakeReader();
    expect(await places.of(cloud({ bounds: aboutOrigin }), 9, signal)).toEqual([0, 0, 9]);
    expect(read).toEqual([]);
  });

  test('is told by the points where the origin is elsewhere; they are read once for a version', async () => {
    const { places, read, held } = fakeReader();
    expect(places.known(cloud(), 9)).toBeUndefined();
    const [first, second] = await Promise.all([places.of(cloud(), 9, signal), places.of(cloud(), 9, signal)]);
    expect(Math.hypot(first![0] - EAST - 4, first![1] - NORTH + 6)).toBeLessThan(0.5);
    expect(second).toEqual(first);
    expect(places.known(cloud(), 9)).toEqual(first);
    expect(read).toEqual([40_000]);
    expect(held()).toBe(0);
    expect(places.known(cloud({ version: 'v2' }), 9)).toBeUndefined();
  });

  test('is known after a read, which holds no points while those for the place are read', async () => {
    const { places, held } = fakeReader();
    const events: string[] = [];
    const read = async () => {
      expect(held()).toBe(0);
      const name = `read ${events.length}`;
      events.push(name);
      return { name, cloud: cloud(), release: () => events.push(`release ${name}`) };
    };
    const [points, first] = await places.withPlaces(read, (view) => view, signal);
    expect(events).toEqual(['read 0', 'release read 0', 'read 2']);
    expect([points.name, first?.name]).toEqual(['read 2', 'read 0']);
    expect(places.known(cloud(), 9)).not.toBeUndefined();
    expect(await places.withPlaces(read, (view) => view, signal)).toHaveLength(1);
  });

  test('is not believed to be the origin of a cloud of many scans', async () => {
    const scans = [syntheticScan(1, [0, 0], 3), syntheticScan(1, [14, 6], 3), syntheticScan(1, [-9, 17], 3)];
    const { places } = fakeReader({ scan: Float32Array.from(scans.flatMap((scan) => [...scan])) });
    expect(await places.of(cloud({ bounds: aboutOrigin, points: 1_000_000 }), 9, signal)).toBeNull();
  });

  test.each([
    ['a few points', cloud({ points: 100 })],
    ['a map of many points', cloud({ points: 50_000_000 })],
    [
      'a map of many metres',
      cloud({
        bounds: { min: [EAST, NORTH, 0], max: [EAST + 5000, NORTH + 9, 9] } as unknown as CloudInfo['bounds'],
      }),
    ],
  ])('is unknown for %s, and nothing is read', async (_, one) => {
    const { places, read } = fakeReader();
    expect(await places.of(one, 9, signal)).toBeNull();
    expect(read).toEqual([]);
  });

  test('of another version than the question is about is not remembered', async () => {
    let version = 'v2';
    const { places, held } = fakeReader({ version: () => version });
    expect(await places.of(cloud(), 9, signal)).toBeNull();
    version = 'v1';
    expect(await places.of(cloud(), 9, signal)).not.toBeNull();
    expect(held()).toBe(0);
  });

  test('is not waited for by a caller that leaves', async () => {
    const { places, read } = fakeReader();
    const leaving = AbortSignal.abort(new Error('left'));
    await expect(places.of(cloud(), 9, leaving)).rejects.toThrow('left');
    expect(read).toEqual([]);
  });
});
