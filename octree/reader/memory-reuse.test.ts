/** Crops stay exact while the memory of nodes and of their stored bytes is used again under them. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HttpSource } from '../../cache/sources/index.ts';
import { ObjectServer } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import type { Region } from '../regions/index.ts';
import { makeEptCloud } from '../testing/index.ts';
import { CloudReader } from './cloud-reader.ts';

const POINTS = 8000;
const CLOUDS = 12;
const EDGE = 100;
const ROUNDS = 40;

let server: ObjectServer;
let source: HttpSource;
/**
 * The sum of all x of a cloud: other points of the same cloud, or those of another cloud, give another one.
 */
const sums: number[] = [];

beforeAll(async () => {
  server = await ObjectServer.start('/clouds');
  for (let k = 0; k < CLOUDS; k++) {
    const raw = Array.from({ length: POINTS }, (_, i): [number, number, number] => [
      (i * 7 + k * 1009) % 90_000,
      (i * 13) % 90_000,
      k,
    ]);
    sums.push(raw.reduce((sum, [x]) => sum + x, 0));
    const { files } = await makeEptCloud({
      raw,
      low: [0, 0, 0],
      edge: EDGE,
      encoding: k % 2 === 0 ? 'zstandard' : 'binary',
      nodePoints: POINTS,
    });
    for (const [path, bytes] of files) server.put(`c${k}/${path}`, bytes);
  }
  // How busy the machine is, is not what is tested.
  source = new HttpSource({ base: `${server.origin}/clouds`, headersTimeoutMs: 60_000, timeoutMs: 60_000 });
});

afterAll(async () => {
  await source.close();
  await server.stop();
});

const everything: Region = { type: 'sphere', center: [50, 50, 0], radius: 500 };

/** What is read of cloud `k`, as the sum of x in millimetres. */
async function sumOf(reader: CloudReader, k: number): Promise<number> {
  const view = await reader.read(`c${k}`, [everything], { isReleased: true });
  // Others take memory meanwhile.
  await new Promise(setImmediate);
  const { positions, count } = await view.cropInSlices(everything, [0, 0, 0]);
  expect(count).toBe(POINTS);
  let sum = 0;
  for (let i = 0; i < positions.length; i += 3) sum += Math.round(positions[i]! * 1000);
  view.release();
  return sum;
}

describe('memory that is used again', () => {
  test.each([
    ['one node fits', 150_000, 0],
    ['a few nodes fit', 500_000, 0],
    ['stored nodes are kept as well', 150_000, 300_000],
  ])('never shows the points of another node: %s', async (_, tileMemoryBytes, storedMemoryBytes) => {
    const decoders = new InlineDecoders();
    const reuse = vi.spyOn(decoders, 'reuse');
    const reader = new CloudReader({ source, decoders, tileMemoryBytes, storedMemoryBytes });
    for (let round = 0; round < ROUNDS; round++) {
      const asked = Array.from({ length: 6 }, (_, j) => (round * 5 + j * j) % CLOUDS);
      expect(await Promise.all(asked.map((k) => sumOf(reader, k)))).toEqual(asked.map((k) => sums[k]));
    }
    expect(reuse.mock.calls.length).toBeGreaterThan(ROUNDS);
    expect(reader.stats().bytes.recent.hits > 0).toBe(storedMemoryBytes > 0);
    await reader.close();
  });

  test('leaves the points of a view alone that is not released', async () => {
    const reader = new CloudReader({ source, decoders: new InlineDecoders(), tileMemoryBytes: 150_000 });
    const view = await reader.read('c0', [everything]);
    for (let k = 1; k < CLOUDS; k++) await sumOf(reader, k);
    const { xyz } = view.points(everything);
    expect(xyz.reduce((sum, value, i) => (i % 3 === 0 ? sum + Math.round(value * 1000) : sum), 0)).toBe(
      sums[0],
    );
    await reader.close();
  });

  test('lets nobody ask a view that was released', async () => {
    const reader = new CloudReader({ source, decoders: new InlineDecoders() });
    const view = await reader.read('c0', [everything], { isReleased: true });
    view.release();
    expect(() => view.count(everything)).toThrow('released');
    await reader.close();
  });
});
