/** The points of any region equal brute force over all points of the cloud. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MemorySource } from '../../cache/testing/index.ts';
import type { Vec3 } from '../geometry/index.ts';
import type { Region } from '../regions/index.ts';
import {
  belongs,
  lazCloud,
  listed,
  makeEptCloud,
  ORIGIN,
  regions,
  sorted,
  type TestCloud,
  type XyzType,
} from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const EDGE = 16;
const LOW: Vec3 = [ORIGIN[0] - 8, ORIGIN[1] - 8, ORIGIN[2] - 8];

const source = new MemorySource();
const reader = new CloudReader({ source, decodeWorkers: 1 });
afterAll(() => reader.close());

let clouds = 0;
function store({ files }: TestCloud): string {
  const id = `clouds/${++clouds}`;
  for (const [path, bytes] of files) source.put(`${id}/${path}`, bytes);
  return id;
}

/** Eighths of a metre as integers, from the cube's low corner or its middle; or exact floats. */
const rawFor = (xyz: XyzType, cell: number) => (xyz.startsWith('float') ? cell / 8 : cell);

const cloudOptions = fc.record({
  cells: fc.array(fc.tuple(fc.nat(8 * EDGE), fc.nat(8 * EDGE), fc.nat(8 * EDGE)), { maxLength: 120 }),
  encoding: fc.constantFrom('binary' as const, 'zstandard' as const),
  xyz: fc.constantFrom<XyzType>('int16', 'int32', 'uint32', 'int64', 'float32', 'float64'),
  nodePoints: fc.constantFrom(0, 1, 5, 40),
  pageStep: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
  hierarchyType: fc.constantFrom('json' as const, 'gzip' as const),
  intensity: fc.constantFrom('none' as const, 'uint16' as const, 'float32' as const),
});

describe('crops equal brute force', () => {
  test('in clouds of every kind, for regions of every kind', async () => {
    await fc.assert(
      fc.asyncProperty(
        cloudOptions,
        fc.array(regions, { minLength: 1, maxLength: 3 }),
        async (options, asked) => {
          const { cells, xyz } = options;
          const raw = cells.map((cell) => cell.map((c) => rawFor(xyz, c)) as [number, number, number]);
          const cloud = await makeEptCloud({
            ...options,
            raw,
            low: LOW,
            edge: EDGE,
            scale: 0.125,
            offset: LOW,
          });
          const id = store(cloud);
          const view = await reader.read(id, asked);
          for (const region of asked) {
            const expected = cloud.points.filter((point) => belongs(region, point));
            expect(view.count(region)).toBe(expected.length);
            expect(sorted(listed(view.points(region)))).toEqual(sorted(expected));
            const { positions, count } = view.crop(region, ORIGIN);
            expect(count).toBe(expected.length);
            const cropped = Array.from({ length: count }, (_, i) =>
              [...positions.subarray(3 * i, 3 * i + 3)].join(' '),
            );
            const local = expected.map(({ x, y, z }) =>
              [x - ORIGIN[0], y - ORIGIN[1], z - ORIGIN[2]].map(Math.fround).join(' '),
            );
            expect(cropped.sort()).toEqual(local.sort());
          }
          expect(view.cost.nodes).toBe(view.cost.memory + view.cost.origin);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('in a LAZ cloud of all point formats', async () => {
    const cloud = lazCloud();
    const id = store(cloud);
    const center = fc
      .tuple(fc.nat(128), fc.nat(128), fc.nat(128))
      .map(([x, y, z]): Vec3 => [637226.75 + x, 851145.25 + y, -64 + z]);
    const asked: fc.Arbitrary<Region> = fc.record({
      type: fc.constant('sphere' as const),
      center,
      radius: fc.nat(80),
    });
    await fc.assert(
      fc.asyncProperty(asked, async (region) => {
        const view = await reader.read(id, [region]);
        const expected = cloud.points.filter((point) => belongs(region, point));
        expect(sorted(listed(view.points(region)))).toEqual(sorted(expected));
      }),
      { numRuns: 100 },
    );
  });

  test('where a coordinate has digits that float32 has not', async () => {
    const raw: [number, number, number][] = [
      [1, 2, 3],
      [123457, 98765, 4321],
      [399999, 399999, 399999],
    ];
    const low: Vec3 = [637000.123, 4850999.987, -17.001];
    const cloud = await makeEptCloud({ raw, low, edge: 400, offset: low, scale: 0.001, nodePoints: 1 });
    const region: Region = { type: 'sphere', center: low, radius: 1000 };
    const view = await reader.read(store(cloud), [region]);
    expect(sorted(listed(view.points(region)))).toEqual(sorted(cloud.points));
    const { positions } = view.crop(region, low);
    const steps = raw.flat().sort((a, b) => a - b);
    const errors = [...positions]
      .sort((a, b) => a - b)
      .map((value, i) => Math.abs(value - steps[i]! * 0.001));
    expect(Math.max(...errors)).toBeLessThan(3e-5);
  });
});

describe('planning', () => {
  const raw = Array.from({ length: 2000 }, (_, i): [number, number, number] => [
    (i * 37) % 129,
    (i * 61) % 129,
    (i * 17) % 129,
  ]);
  const options = { raw, low: LOW, edge: EDGE, scale: 0.125, offset: LOW, nodePoints: 20 };
  const everything: Region = { type: 'sphere', center: ORIGIN, radius: 100 };

  test('needs the nodes that meet the region and their ancestors, and no others', async () => {
    const cloud = await makeEptCloud({ ...options, pageStep: 2 });
    const id = store(cloud);
    source.reads.clear();
    const corner: Region = {
      type: 'box',
      center: [LOW[0] + 1, LOW[1] + 1, LOW[2] + 1],
      size: [0.5, 0.5, 0.5],
      yaw: 0,
    };
    const { cost } = await reader.read(id, [corner]);
    const wanted = [...cloud.nodes].filter(([key, points]) => {
      const [d, ...place] = key.split('-').map(Number) as [number, number, number, number];
      const cell = EDGE / 2 ** d;
      // 0.75 to 1.25 from the low corner, with a scale step of 1/8 to spare.
      return points > 0 && place.every((index) => index * cell <= 1.375 && (index + 1) * cell >= 0.625);
    });
    expect(cost).toMatchObject({ nodes: wanted.length, origin: wanted.length, memory: 0, disk: 0 });
    const read = [...source.reads.keys()].filter((path) => path.includes('ept-data'));
    expect(read.map((path) => path.replace(/^.*\/(.*)\.bin$/, '$1')).sort()).toEqual(
      wanted.map(([key]) => key).sort(),
    );
    const pages = [...source.reads.keys()].filter((path) => path.includes('ept-hierarchy'));
    expect(pages.length).toBeLessThan(
      [...cloud.files.keys()].filter((path) => path.includes('ept-hierarchy')).length / 4,
    );
    expect(cost.bytes).toBe(
      [...source.reads.keys()].reduce((total, path) => total + (source.peek(path)?.byteLength ?? 0), 0),
    );
  });

  test('stops at the depth that the spacing asks for', async () => {
    const cloud = await makeEptCloud(options);
    const id = store(cloud);
    const { spacing } = await reader.cloud(id);
    for (const [wanted, depth] of [
      [spacing * 2, 0],
      [spacing, 0],
      [spacing * 0.99, 1],
      [spacing / 2, 1],
      [spacing / 4, 2],
    ] as const) {
      const view = await reader.read(id, [everything], { spacing: wanted });
      expect(view.count(everything)).toBe(cloud.points.filter(({ key }) => Number(key[0]) <= depth).length);
    }
    await expect(reader.read(id, [everything], { spacing: 0 })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test.each([
    ['maxNodes', 7, 'nodes'],
    ['maxPoints', 1999, 'points'],
    ['maxBytes', 29_000, 'bytes'],
  ] as const)('keeps to %s and says by how much it is passed', async (limit, value, word) => {
    const small = new CloudReader({ source, decodeWorkers: 1, [limit]: value });
    const id = store(await makeEptCloud(options));
    source.reads.clear();
    await expect(small.read(id, [everything])).rejects.toMatchObject({
      code: 'region_too_large',
      message: expect.stringMatching(new RegExp(`\\d+ ${word}, \\d+ more than the limit of ${value}`)),
    });
    expect([...source.reads.keys()].some((path) => path.includes('ept-data'))).toBe(false);
    await small.close();
  });
});
