import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { encodePly } from '../../../octree/ply/index.ts';
import { ApiError, type WireRegion } from '../api/index.ts';
import { BoxPoints } from './box-points.ts';

const box: Box = { center: [10, 0, 0], size: [4, 2, 1.5], yaw: 0 };
const place = (frame: string, x = 10) => ({ frame, box: { ...box, center: [x, 0, 0] as const } });

/** One point at the middle of what is asked for, whenever the test says so. */
function service() {
  const open = new Map<string, { answer: () => void; fail: (error: unknown) => void }>();
  const asked: string[] = [];
  const gone: string[] = [];
  const changed: string[] = [];
  const points = new BoxPoints({
    api: {
      crop: (frame: string, region: WireRegion, signal?: AbortSignal) =>
        new Promise<ArrayBuffer>((resolve, reject) => {
          asked.push(frame);
          const { center } = region as unknown as Box;
          const ply = encodePly({ xyz: Float64Array.from(center), intensity: new Float32Array(1), count: 1 });
          open.set(frame, { answer: () => resolve(ply.slice().buffer), fail: reject });
          signal!.addEventListener('abort', () => {
            gone.push(frame);
            reject(signal!.reason as Error);
          });
        }),
    },
    onChange: (frame) => changed.push(frame),
    wait: async () => undefined,
  });
  const answer = async (frame: string) => {
    open.get(frame)!.answer();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const fail = async (frame: string, error: unknown) => {
    open.get(frame)!.fail(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { points, asked, gone, changed, answer, fail };
}

describe('points around an object in many frames', () => {
  it('are fetched in the order that is wanted, three at a time', async () => {
    const { points, asked, changed, answer } = service();
    points.want(['c', 'a', 'd', 'b', 'e'].map((frame) => place(frame)));
    expect(asked).toEqual(['c', 'a', 'd']);
    expect(points.of(place('c'))).toBeUndefined();
    await answer('a');
    expect(asked).toEqual(['c', 'a', 'd', 'b']);
    expect(changed).toEqual(['a']);
    expect(points.of(place('a'))).toEqual({ origin: [10, 0, 0], xyz: new Float32Array(3) });
  });

  it('are given up when they are left, and asked for again when they are looked at', async () => {
    const { points, asked, gone, answer } = service();
    points.want([place('a'), place('b')]);
    await answer('a');
    points.want([place('c')]);
    expect(gone).toEqual(['b']);
    points.want([place('b'), place('a')]);
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
    expect(gone).toEqual(['b', 'c']);
  });

  it('stay for a box that is moved a little, and are fetched for one that is moved far', async () => {
    const { points, asked, answer } = service();
    points.want([place('a')]);
    await answer('a');
    points.want([place('a', 10.5)]);
    expect(points.of(place('a', 10.5))).toBeDefined();
    expect(asked).toEqual(['a']);
    points.want([place('a', 13)]);
    expect(points.of(place('a', 13))).toBeUndefined();
    expect(asked).toEqual(['a', 'a']);
  });

  it('are asked for again where the server is busy, and are none where it has none', async () => {
    const { points, asked, fail } = service();
    points.want([place('a')]);
    await fail('a', new ApiError('too_many_requests', 429, 'busy', 1));
    expect(asked).toEqual(['a', 'a']);
    await fail('a', new ApiError('region_empty', 422, 'no points there'));
    expect(points.of(place('a'))).toBeNull();
    expect(asked).toEqual(['a', 'a']);
  });
});
