/** What the builder writes, read by the reader of this project and by copc.js. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ept } from 'copc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { CloudReader } from '../index.ts';
import { type BuildOptions, buildCloud } from './index.ts';
import { asMultiset, kittiBytes, scenePoints, useScratch } from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(30_000, 3);
const EVERYTHING = { type: 'box', center: [0, 0, 0], size: [400, 400, 400], yaw: 0 } as const;
const CLOUDS: readonly (readonly [string, BuildOptions])[] = [
  ['zstandard', { span: 16, maxNodePoints: 1000 }],
  ['binary', { span: 16, maxNodePoints: 1000, encoding: 'binary' }],
  ['streamed', { span: 16, maxNodePoints: 1000, memoryPoints: 4000, sensor: [0, 0, 0.2] }],
];
let reader: CloudReader;

beforeAll(async () => {
  const input = await scratch.write('frame.bin', kittiBytes(POINTS));
  for (const [id, options] of CLOUDS) await buildCloud([input], scratch.path('clouds', id), options);
  reader = new CloudReader({ source: new FolderSource({ root: scratch.path('clouds') }), decodeWorkers: 1 });
});
afterAll(() => reader.close());

describe.each(CLOUDS)('a %s cloud', (id, { sensor }) => {
  it('holds the same points', async () => {
    const { xyz, intensity, count } = (await reader.read(id, [EVERYTHING])).points(EVERYTHING);
    const points = Array.from({ length: count }, (_, i) => ({
      x: xyz[3 * i]!,
      y: xyz[3 * i + 1]!,
      z: xyz[3 * i + 2]!,
      intensity: intensity[i]!,
    }));
    expect(asMultiset(points, 0.001)).toEqual(asMultiset(POINTS, 0.001));
  });

  it('has the points of a small region, from a part of its nodes', async () => {
    const region = { type: 'sphere', center: [30, 20, -1], radius: 4 } as const;
    const view = await reader.read(id, [region]);
    const inside = POINTS.filter(({ x, y, z }) => Math.hypot(x - 30, y - 20, z + 1) <= 4);
    expect(Math.abs(view.count(region) - inside.length)).toBeLessThanOrEqual(1);
    expect(view.cost.nodes).toBeLessThan((await reader.read(id, [EVERYTHING])).cost.nodes);
  });

  it('says what it is', async () => {
    expect(await reader.cloud(id)).toMatchObject({ points: POINTS.length, sensor: sensor ?? null });
  });

  it('has metadata that copc.js understands', async () => {
    const json = async (...names: string[]): Promise<unknown> =>
      JSON.parse(await readFile(path.join(scratch.path('clouds', id), ...names), 'utf8'));
    const { nodes, pages } = Ept.Hierarchy.parse(
      (await json('ept-hierarchy', '0-0-0-0.json')) as Record<string, number>,
    );
    expect(pages).toEqual({});
    const counts = Object.values(nodes).map((node) => node?.pointCount ?? 0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(POINTS.length);
  });
});
