import { describe, expect, it } from 'vitest';
import { applyPose, PointBatch } from '../inputs/index.ts';
import { useScratch } from '../testing/index.ts';
import { readPoses } from './poses.ts';

const scratch = useScratch();
const QUARTER_TURN = { position: [10, 20, 1], rotation: [0, 0, Math.SQRT1_2, Math.SQRT1_2] } as const;
/** A quaternion of length 1 to the last bit. */
const OTHER_TURN = { position: [10, 20, 1], rotation: [0, 0.6, 0, 0.8] } as const;

describe('applyPose', () => {
  it('turns, then moves', () => {
    const batch = PointBatch.allocate(3, false);
    batch.count = 3;
    batch.x.set([1, 0, 0]);
    batch.y.set([0, 1, 0]);
    batch.z.set([0, 0, 1]);
    applyPose(QUARTER_TURN, batch);
    const points = [0, 1, 2].map((i) =>
      [batch.x[i], batch.y[i], batch.z[i]].map((value) => Math.round(value! * 1e9) / 1e9),
    );
    expect(points).toEqual([
      [10, 21, 1],
      [9, 20, 1],
      [10, 20, 2],
    ]);
  });
});

describe('readPoses', () => {
  const other = { position: [0, 0, 0], rotation: [0, 0, 0, 1] };

  it('reads poses by name', async () => {
    const file = await scratch.write('poses.json', JSON.stringify({ a: other, b: OTHER_TURN }));
    expect(await readPoses(file, ['b', 'a'])).toEqual([OTHER_TURN, other]);
  });

  it('reads the index of labelled frames, by the name of the points or by the id', async () => {
    const frames = [
      { id: 'one', points: 'clouds/b.pcd.bin', format: 'f32le-xyzi', pose: OTHER_TURN, objects: [] },
      { id: 'a', points: 'x.bin', pose: other },
      { id: 'none', points: 'none.bin' },
    ];
    const file = await scratch.write('index.json', JSON.stringify({ frames }));
    expect(await readPoses(file, ['b', 'a', 'x'])).toEqual([OTHER_TURN, other, other]);
    await expect(readPoses(file, ['none'])).rejects.toThrow(/index\.json: has no pose for none/);
  });

  it('makes rotations of few digits whole', async () => {
    const file = await scratch.write(
      'p.json',
      JSON.stringify({ a: { position: [0, 0, 0], rotation: [0, 0, 0.601, 0.8] } }),
    );
    const [pose] = await readPoses(file, ['a']);
    expect(Math.hypot(...pose!.rotation)).toBeCloseTo(1, 12);
  });

  it.each<[string, unknown, RegExp]>([
    ['not JSON', undefined, /is not JSON/],
    ['a list', [], /the document/],
    ['no rotation', { a: { position: [0, 0, 0] } }, /a\.rotation/],
    ['a rotation that is none', { a: { position: [0, 0, 0], rotation: [0, 0, 0, 0] } }, /unit quaternion/],
    [
      'two numbers',
      { frames: [{ id: 'a', pose: { position: [0, 0], rotation: [0, 0, 0, 1] } }] },
      /frames\.0\.pose\.position/,
    ],
  ])('refuses %s', async (_, json, message) => {
    const file = await scratch.write('bad.json', json === undefined ? '{' : JSON.stringify(json));
    await expect(readPoses(file, ['a'])).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});
