import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { Pose } from '../boxes/index.ts';
import type { TrackBox, TrackLine } from './lines.ts';
import { boxAt } from './testing/index.ts';
import type { TrackQuestion } from './track-question.ts';
import { Tracker } from './tracker.ts';

const at = (x: number): Pose => ({ position: [x, 0, 0], rotation: [0, 0, 0, 1] });
const bounds = { min: [-100, -100, -5], max: [100, 100, 20] };

/** Clouds without points whose metadata have a pose each; `gone` ones cannot be read. */
function trackerOf(poses: readonly (Pose | null)[], gone: readonly number[] = []) {
  const info = (id: string) => {
    if (gone.includes(Number(id))) throw new NearboxError('cloud_not_found', `there is no cloud ${id}`);
    return { id, version: 'v', bounds, sensor: null, frame: { pose: poses[Number(id)]!, timestamp: null } };
  };
  const cost = { nodes: 1, bytes: 5, memory: 0, disk: 0, origin: 1 };
  const reader = {
    cloud: async (id: string) => info(id),
    read: async (id: string) => ({
      cloud: info(id),
      cost,
      release: () => {},
      crop: () => ({ positions: new Float32Array(0), intensity: new Float32Array(0), count: 0 }),
    }),
  };
  const engine = {
    model: { name: 'nearbox', version: '4' },
    models: [{ name: 'nearbox', version: '4' }],
    fit: () => Promise.reject(new Error('no points, no fit')),
  };
  return new Tracker({ reader: reader as never, engine: engine as never });
}

const question = (count: number, over: Partial<TrackQuestion> = {}): TrackQuestion => ({
  frames: Array.from({ length: count }, (_, k) => ({ cloud: `${k}` })),
  objects: [
    {
      id: 'a',
      class: 'car',
      keyframes: [{ frame: 0, box: boxAt(10, 2), confirmed: true }],
      locked: [],
      absent: [],
      static: true,
    },
  ],
  direction: 'both',
  range: [0, count - 1],
  model: null,
  profile: null,
  signal: new AbortController().signal,
  deadline: performance.now() + 60_000,
  ...over,
});

async function all(track: AsyncIterable<TrackLine>): Promise<TrackLine[]> {
  const lines: TrackLine[] = [];
  for await (const line of track) lines.push(line);
  return lines;
}

const placeIn = (lines: readonly TrackLine[], frame: number) =>
  lines.find((line): line is TrackBox => 'box' in line && line.frame === frame && line.final)?.box.center;

describe('the poses of a track', () => {
  it('are those of the clouds’ metadata, if the question has none', async () => {
    const lines = await all(trackerOf([at(0), at(1.5), at(4)]).track(question(3)));
    expect(placeIn(lines, 1)).toEqual([8.5, 2, 0.75]);
    expect(placeIn(lines, 2)).toEqual([6, 2, 0.75]);
  });

  it('are those of the question before those of the metadata', async () => {
    const frames = [0, 1].map((k) => ({ cloud: `${k}`, pose: at(10 * k), timestamp: k }));
    const lines = await all(trackerOf([at(0), at(1)]).track(question(2, { frames })));
    expect(placeIn(lines, 1)).toEqual([0, 2, 0.75]);
  });

  it('are left out unless all clouds have one', async () => {
    const lines = await all(trackerOf([at(0), null, at(4)]).track(question(3)));
    expect(placeIn(lines, 2)).toEqual([10, 2, 0.75]);
  });

  it('are not spoiled by a cloud that is gone', async () => {
    const lines = await all(trackerOf([at(0), at(1), at(4)], [1]).track(question(3)));
    expect(lines).toContainEqual(expect.objectContaining({ frame: 1, lost: 'cloud_not_found' }));
    expect(placeIn(lines, 2)).toEqual([6, 2, 0.75]);
    expect(lines.at(-1)).toMatchObject({ done: true, cost: { origin: 2 } });
  });
});

describe('a question that cannot be answered', () => {
  it.each<[string, Partial<TrackQuestion>]>([
    ['model', { model: '3' }],
    ['profile', { profile: 'kitti' }],
    ['range[1]', { range: [0, 2] }],
  ])('is refused before the first line, with the path: %s', (path, over) => {
    const refused = () => trackerOf([at(0), at(1)]).track(question(2, over));
    const fields = [expect.objectContaining({ path })];
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid_request', fields }));
  });

  it('ends when nobody waits any more', async () => {
    const leaving = new AbortController();
    const gone = new Error('gone');
    leaving.abort(gone);
    await expect(all(trackerOf([at(0)]).track(question(1, { signal: leaving.signal })))).rejects.toBe(gone);
  });
});
