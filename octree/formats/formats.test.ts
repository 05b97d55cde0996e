/** Potree through the reader: what its files may be like, how often it is asked, and what damage is. */

import { afterAll, describe, expect, test } from 'vitest';
import { mulberry32, NearboxError } from '../../cache/foundation/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import {
  BIN,
  CUBE,
  damaged,
  listed,
  type PlainPoint,
  plainPoints,
  potree1Cloud,
  potree1Points,
  potree2Cloud,
  scatterNodes,
  sorted,
} from '../testing/index.ts';

const source = new MemorySource();
const reader = new CloudReader({ source, decodeWorkers: 1, versionTtlMs: 1e9 });
afterAll(() => reader.close());

let clouds = 0;
function store(files: ReadonlyMap<string, Uint8Array>, into = source): string {
  const id = `clouds/${++clouds}`;
  for (const [path, bytes] of files) into.put(`${id}/${path}`, bytes);
  return id;
}

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

describe('damage through the reader', () => {
  test.each(['Potree 1.7', 'Potree 1.4', 'Potree 2 DEFAULT', 'Potree 2 BROTLI'])(
    '%s: a typed error or points in their cubes',
    async (name) => {
      const random = mulberry32(12);
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
