/** COPC and Potree through the reader: crops equal brute force, and what is damaged is a typed error. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { NearboxError } from '../cache/errors.ts';
import { MemorySource } from '../cache/testing/memory-source.ts';
import { CloudReader } from './cloud-reader.ts';
import type { Region } from './region.ts';
import { belongs, listed, sorted } from './testing/brute-force.ts';
import { fixturePoints } from './testing/fixture-points.ts';
import { damaged } from './testing/fuzz-bytes.ts';
import { type Potree1CloudOptions, potree1Cloud, potree1Points } from './testing/potree1-cloud.ts';
import { potree2Cloud } from './testing/potree2-cloud.ts';
import { regions } from './testing/regions.ts';
import {
  CUBE,
  type PlainPoint,
  plainPoints,
  randomNumbers,
  scatterNodes,
} from './testing/scattered-nodes.ts';

const source = new MemorySource();
const reader = new CloudReader({ source, decodeWorkers: 1, versionTtlMs: 1e9 });
afterAll(() => reader.close());

let clouds = 0;
function store(files: ReadonlyMap<string, Uint8Array>, into = source): string {
  const id = `clouds/${++clouds}`;
  for (const [path, bytes] of files) into.put(`${id}/${path}`, bytes);
  return id;
}

const BIN: Record<string, Potree1CloudOptions> = {
  'Potree 1.7': {
    version: '1.7',
    pointAttributes: ['POSITION_CARTESIAN', 'COLOR_PACKED', 'INTENSITY', 'CLASSIFICATION', 'NORMAL_OCT16'],
    fields: [
      { size: 12, is: 'position' },
      { size: 4 },
      { size: 2, is: 'intensity' },
      { size: 1 },
      { size: 2 },
    ],
  },
  'Potree 1.5 with the position last and pages of one level': {
    version: '1.5',
    pointAttributes: ['RGB_PACKED', 'INTENSITY', 'GPS_TIME', 'POSITION_CARTESIAN'],
    fields: [{ size: 3 }, { size: 2, is: 'intensity' }, { size: 8 }, { size: 12, is: 'position' }],
    step: 1,
  },
  'Potree 1.4': {
    version: '1.4',
    pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY', 'RETURN_NUMBER', 'NUMBER_OF_RETURNS', 'SOURCE_ID'],
    fields: [
      { size: 12, is: 'position' },
      { size: 2, is: 'intensity' },
      { size: 1 },
      { size: 1 },
      { size: 2 },
    ],
  },
  'Potree 1.8 with extra bytes': {
    version: '1.8',
    pointAttributes: [
      { name: 'POSITION_CARTESIAN', size: 12, elements: 3, elementSize: 4, type: 'int32', description: '' },
      { name: 'reflectance', size: 5, elements: 5, elementSize: 1, type: 'uint8', description: '' },
      { name: 'intensity', size: 2, elements: 1, elementSize: 2, type: 'uint16', description: '' },
    ],
    fields: [{ size: 12, is: 'position' }, { size: 5 }, { size: 2, is: 'intensity' }],
  },
};

type Make = (seed: number) => {
  readonly files: Map<string, Uint8Array>;
  readonly points: readonly PlainPoint[];
};

const MAKERS: Record<string, Make> = {
  ...Object.fromEntries(
    Object.entries(BIN).map(([name, options]): [string, Make] => [
      name,
      (seed) => {
        const nodes = scatterNodes(seed, 3, 30);
        return { files: potree1Cloud(nodes, options), points: potree1Points(nodes) };
      },
    ]),
  ),
  ...Object.fromEntries(
    (['DEFAULT', 'UNCOMPRESSED', 'BROTLI'] as const).map((encoding, i): [string, Make] => [
      `Potree 2 ${encoding}`,
      (seed) => {
        const nodes = scatterNodes(seed, 3, 30);
        const attributes = i === 1 ? (['intensity', 'rgb', 'position'] as const) : undefined;
        const files = potree2Cloud(nodes, { encoding, ...(attributes && { attributes }) });
        return { files, points: plainPoints(nodes) };
      },
    ]),
  ),
};

/** Quarter turns are exact for the reader and rounded for brute force: points on such a border would tell them apart. */
const asked = regions.filter(
  (region) => region.type !== 'box' || region.yaw === 0 || Math.abs(Math.sin(2 * region.yaw)) > 1e-9,
);

describe('crops equal brute force', () => {
  test.each(Object.keys(MAKERS))('%s', async (name) => {
    const made = Array.from({ length: 4 }, (_, seed) => MAKERS[name]!(seed)).map((cloud) => ({
      ...cloud,
      id: store(cloud.files),
    }));
    await fc.assert(
      fc.asyncProperty(fc.nat(made.length - 1), asked, async (which, region) => {
        const { id, points } = made[which]!;
        const view = await reader.read(id, [region]);
        const expected = points.filter((point) => belongs(region, point));
        expect(sorted(listed(view.points(region)))).toEqual(sorted(expected));
        expect(view.count(region)).toBe(expected.length);
      }),
      { numRuns: 60 },
    );
  });

  const near = (low: number) => fc.integer({ min: 0, max: 160 }).map((tenth) => low + tenth / 10);
  const spheres = fc.record<Region>({
    type: fc.constant('sphere'),
    center: fc.tuple(near(512000), near(5403000), near(100)),
    radius: fc.integer({ min: 0, max: 120 }).map((tenth) => tenth / 10),
  } as never);

  test.each(['format-6', 'format-7-pages', 'format-8', 'channels'])('COPC %s', async (name) => {
    const file = new URL(`./copc/fixtures/${name}.copc.laz`, import.meta.url);
    const points = fixturePoints(new URL(`./copc/fixtures/${name}.points`, import.meta.url));
    source.put(`${name}.copc.laz`, new Uint8Array(readFileSync(file)));
    const info = await reader.cloud(`${name}.copc.laz`);
    expect(info).toMatchObject({ format: 'copc', points: points.length });
    await fc.assert(
      fc.asyncProperty(spheres, async (region) => {
        const view = await reader.read(`${name}.copc.laz`, [region as Region]);
        const expected = points.filter((point) => belongs(region as Region, point));
        expect(sorted(listed(view.points(region as Region)))).toEqual(sorted(expected));
      }),
      { numRuns: 40 },
    );
  });

  test.each(['LAS', 'LAZ'])('Potree 1 with %s nodes', async (kind) => {
    const folder = new URL('./potree1/fixtures/', import.meta.url);
    const points = fixturePoints(new URL('las.points', folder));
    const cloud = {
      version: '1.7',
      octreeDir: 'data',
      boundingBox: { lx: 512000, ly: 5403000, lz: 100, ux: 512016, uy: 5403016, uz: 116 },
      pointAttributes: kind,
      spacing: 1,
      scale: 0.01,
      hierarchyStepSize: 5,
    };
    const files = new Map([['cloud.js', new TextEncoder().encode(JSON.stringify(cloud))]]);
    // r: children 0 and 4; r4: child 3.
    const hrc = [
      [0b10001, 40],
      [0, 1],
      [0b1000, 40],
      [0, 40],
    ].flatMap(([mask, count]) => [mask!, count!, 0, 0, 0]);
    files.set('data/r/r.hrc', Uint8Array.from(hrc));
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith(kind.toLowerCase()))) {
      files.set(`data/r/${name}`, new Uint8Array(readFileSync(new URL(name, folder))));
    }
    const id = store(files);
    await fc.assert(
      fc.asyncProperty(spheres, async (region) => {
        const view = await reader.read(id, [region as Region]);
        // Relative to another origin, the last bits differ.
        const round = (list: readonly PlainPoint[]) =>
          sorted(
            list.map(({ x, y, z, intensity }) => ({
              x: Math.round(x * 100),
              y: Math.round(y * 100),
              z: Math.round(z * 100),
              intensity,
            })),
          );
        const found = listed(
          view.points({ ...region, radius: (region as { radius: number }).radius } as Region),
        );
        const inside = points.filter((point) => belongs(region as Region, point));
        expect(Math.abs(found.length - inside.length)).toBeLessThanOrEqual(2);
        if (found.length === inside.length) expect(round(found)).toEqual(round(inside));
      }),
      { numRuns: 40 },
    );
  });
});

const everything: Region = {
  type: 'box',
  center: [CUBE.min[0] + 8, CUBE.min[1] + 8, CUBE.min[2] + 8],
  size: [20, 20, 20],
  yaw: 0,
};

describe('Potree 1', () => {
  test('the number of points in the hierarchy is a guess: the file decides', async () => {
    const nodes = scatterNodes(2, 2, 20);
    const files = potree1Cloud(nodes, BIN['Potree 1.7']!);
    const page = files.get('data/r/r.hrc')!;
    const counts = new DataView(page.buffer);
    for (let at = 1; at < page.length; at += 5)
      if (counts.getUint32(at, true) > 0) counts.setUint32(at, 12_345, true);
    const view = await reader.read(store(files), [everything]);
    expect(sorted(listed(view.points(everything)))).toEqual(sorted(potree1Points(nodes)));
  });

  test('a node whose file is missing is an error that names it', async () => {
    const files = potree1Cloud(scatterNodes(2, 2, 20), BIN['Potree 1.7']!);
    const gone = [...files.keys()].find((path) => path.endsWith('.bin') && path !== 'data/r/r.bin')!;
    files.delete(gone);
    await expect(reader.read(store(files), [everything])).rejects.toThrow(/node \d-\d-\d-\d .*missing/);
  });

  test('a page that is missing is an error that names it', async () => {
    const files = potree1Cloud(scatterNodes(4, 3, 20), { ...BIN['Potree 1.7']!, step: 1 });
    // Not those of leaves: their five bytes say nothing that the page above has not said.
    const gone = [...files].find(
      ([path, bytes]) => path.endsWith('.hrc') && path !== 'data/r/r.hrc' && bytes[0] !== 0,
    )!;
    files.delete(gone[0]);
    await expect(reader.read(store(files), [everything])).rejects.toMatchObject({ code: 'corrupt_tile' });
  });

  test('another folder for the nodes, inside of the cloud', async () => {
    const nodes = scatterNodes(5, 2, 20);
    const files = potree1Cloud(nodes, { ...BIN['Potree 1.7']!, metadata: { octreeDir: './deep/er/' } });
    const moved = new Map([...files].map(([path, bytes]) => [path.replace(/^data\//, 'deep/er/'), bytes]));
    const view = await reader.read(store(moved), [everything]);
    expect(view.count(everything)).toBe(potree1Points(nodes).length);
  });
});

describe('Potree 2', () => {
  test("DEFAULT and BROTLI of one cloud are the same points: the writer's step of bias is taken back", async () => {
    const nodes = scatterNodes(6, 3, 40);
    const read = async (encoding: 'DEFAULT' | 'BROTLI') => {
      const view = await reader.read(store(potree2Cloud(nodes, { encoding })), [everything]);
      return sorted(listed(view.points(everything)));
    };
    expect(await read('BROTLI')).toEqual(await read('DEFAULT'));
  });

  test('a node of 0 bytes has no points whatever its count, and is not requested', async () => {
    const nodes = scatterNodes(7, 2, 20).map((node) =>
      node.key.depth === 0 ? { ...node, points: [] } : node,
    );
    const files = potree2Cloud(nodes, {
      encoding: 'BROTLI',
      record: (key, record) => (key === '0-0-0-0' ? { ...record, points: 5000, size: 0 } : record),
    });
    const view = await reader.read(store(files), [everything]);
    expect(sorted(listed(view.points(everything)))).toEqual(sorted(plainPoints(nodes)));
  });
});

describe('round trips', () => {
  /** Reads of the first crop of a cloud that nobody has asked for yet, one list for each time that was waited for an answer. */
  async function waves(files: ReadonlyMap<string, Uint8Array>): Promise<string[][]> {
    const fresh = new MemorySource();
    const name = store(files, fresh);
    const waiting: { readonly path: string; readonly answer: () => void }[] = [];
    fresh.onRead = (path) => new Promise((answer) => waiting.push({ path: path.slice(name.length), answer }));
    const own = new CloudReader({ source: fresh, decodeWorkers: 1 });
    let isDone = false;
    const done = own.read(name, [everything]).finally(() => (isDone = true));
    const all: string[][] = [];
    while (!isDone) {
      // Until nothing more is asked for, nothing is answered.
      for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (waiting.length > 0) all.push(waiting.map(({ path }) => path));
      for (const { answer } of waiting.splice(0)) answer();
    }
    await done;
    await own.close();
    return all;
  }

  test('Potree 2: metadata with the hierarchy, then all nodes', async () => {
    const all = await waves(potree2Cloud(scatterNodes(8, 3, 20), { encoding: 'DEFAULT' }));
    // Nodes come in turns where there are many. Chunks behind proxies came with the first one.
    expect(all[0]).toEqual(expect.arrayContaining(['/metadata.json', '/hierarchy.bin']));
    expect(new Set(all.slice(1).flat())).toEqual(new Set(['/octree.bin']));
  });

  test('Potree 1: metadata with the root page, then all nodes, if one page holds them', async () => {
    const all = await waves(potree1Cloud(scatterNodes(8, 2, 20), BIN['Potree 1.7']!));
    expect(all).toHaveLength(2);
  });
});

describe('damage through the reader', () => {
  test.each(['Potree 1.7', 'Potree 1.4', 'Potree 2 DEFAULT', 'Potree 2 BROTLI'])(
    '%s: a typed error or points in their cubes',
    async (name) => {
      const random = randomNumbers(12);
      const { files } = MAKERS[name]!(1);
      const paths = [...files.keys()];
      const outcomes = new Set<string>();
      for (let i = 0; i < 40; i++) {
        const path = paths[Math.floor(random() * paths.length)]!;
        const [copy] = damaged(files.get(path)!, 1, random);
        try {
          const view = await reader.read(store(new Map([...files, [path, copy!]])), [everything]);
          view.count(everything);
          outcomes.add('read');
        } catch (error) {
          if (!(error instanceof NearboxError)) throw error;
          expect(['corrupt_tile', 'region_too_large']).toContain(error.code);
          outcomes.add(error.code);
        }
      }
      expect(outcomes.size).toBeGreaterThan(0);
    },
  );
});
