/**
 * What `nearbox build` writes, opened by a reader that is not ours: copc.js parses the metadata and the
 * hierarchy. The records are taken apart by hand.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Bounds as CopcBounds, Key as CopcKey, Dimension, Ept } from 'copc';
import { describe, expect, it } from 'vitest';
import { buildCloud } from './index.ts';
import { kittiBytes, scenePoints, useScratch } from './testing/index.ts';

const scratch = useScratch();
const POINTS = scenePoints(6000);
/** Half a step of the scale, and the cube's own rounding. */
const PAD = 0.001;

describe('copc.js', () => {
  it('finds every node of a built cloud, as long as its count says, with its points in its bounds', async () => {
    const input = await scratch.write('scene.bin', kittiBytes(POINTS));
    const folder = scratch.path('scene');
    await buildCloud([input], folder, { span: 16, maxNodePoints: 400, encoding: 'binary' });
    const read = async (name: string) =>
      JSON.parse(await readFile(path.join(folder, name), 'utf8')) as unknown;
    const ept = (await read('ept.json')) as Ept.Ept;
    const { nodes, pages } = Ept.Hierarchy.parse((await read('ept-hierarchy/0-0-0-0.json')) as Ept.Hierarchy);
    expect(Object.keys(pages)).toEqual([]);
    expect(Object.keys(nodes).length).toBeGreaterThan(10);

    const pointBytes = ept.schema.reduce((sum, { size }) => sum + size, 0);
    const low = [Infinity, Infinity, Infinity];
    const high = [-Infinity, -Infinity, -Infinity];
    let total = 0;
    for (const [key, node] of Object.entries(nodes)) {
      const file = path.join(folder, 'ept-data', `${key}.bin`);
      expect((await stat(file)).size).toBe(node!.pointCount * pointBytes);
      const bytes = await readFile(file);
      const cube = CopcBounds.stepTo(ept.bounds, CopcKey.parse(key));
      for (let i = 0; i < node!.pointCount; i++) {
        for (let axis = 0; axis < 3; axis++) {
          const { scale, offset } = ept.schema[axis] as unknown as { scale: number; offset: number };
          const value = bytes.readInt32LE(i * pointBytes + 4 * axis) * scale + offset;
          if (value < cube[axis]! - PAD || value > cube[axis + 3]! + PAD)
            expect({ key, axis, value }).toEqual({ key, cube });
          low[axis] = Math.min(low[axis]!, value);
          high[axis] = Math.max(high[axis]!, value);
        }
      }
      total += node!.pointCount;
    }
    expect(total).toBe(ept.points);
    expect(total).toBe(POINTS.length);
    for (const [i, value] of [...low, ...high].entries())
      expect(value).toBeCloseTo(ept.boundsConforming[i]!, 9);
    expect(ept.schema.slice(0, 3).map((dimension) => Dimension.ctype(dimension))).toEqual([
      'int32',
      'int32',
      'int32',
    ]);
  });
});
