import { describe, expect, it } from 'vitest';
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { encodePly } from '../../../octree/ply/index.ts';
import { ApiError, type CloudSummary, type WireRegion } from '../api/index.ts';
import type { Label } from '../model/index.ts';
import { WorkEvidence } from './work-evidence.ts';

const label = (id: string, center: Vec3): Label => ({
  id,
  box: { center, size: [4, 2, 1.5], yaw: 0 },
  class: 'car',
  state: 'draft',
  method: 'drawn',
  score: null,
  note: null,
  edited: false,
  prediction: null,
});
const [NEAR, FAR] = [label('1', [10, 0, 0]), label('2', [500_040, 0, 0])];
const signal = new AbortController().signal;

/** A cloud with a point in the middle of each of these places. */
function service(places: readonly Vec3[], count: number, problem?: () => ApiError | undefined) {
  const asked: Box[] = [];
  const evidence = new WorkEvidence({
    api: {
      cloud: async () => ({ points: count }) as CloudSummary,
      crop: async (_: string, region: WireRegion) => {
        asked.push(region as unknown as Box);
        const failed = problem?.();
        if (failed !== undefined) throw failed;
        const { center, size } = region as unknown as Box;
        const inside = places.filter((at) =>
          at.every((value, k) => Math.abs(value - center[k]!) <= size[k]! / 2),
        );
        if (inside.length === 0) throw new ApiError('region_empty', 422, 'no points');
        const xyz = Float64Array.from(inside.flat());
        return encodePly({ xyz, intensity: new Float32Array(inside.length), count: inside.length }).slice()
          .buffer;
      },
    },
    wait: async () => undefined,
  });
  return { evidence, asked };
}

describe('what the points say of boxes', () => {
  it('is asked once for all boxes of a small cloud, and remembered', async () => {
    const { evidence, asked } = service([NEAR.box.center, FAR.box.center], 100_000);
    expect(evidence.isOpen(NEAR)).toBe(true);
    await evidence.look('a', [NEAR, FAR], signal);
    expect(asked).toEqual([{ type: 'box', center: [250_025, 0, 0], size: [500_046, 16, 16], yaw: 0 }]);
    expect([NEAR, FAR].map((one) => evidence.of(one)!.inside)).toEqual([1, 1]);
    await evidence.look('a', [NEAR, FAR], signal);
    expect(asked).toHaveLength(1);
    // Another box: what was said of the old one does not hold.
    const moved = { ...NEAR, box: { ...NEAR.box, center: [13, 0, 0] as const } };
    await evidence.look('a', [moved, FAR], signal);
    expect(asked[1]).toMatchObject({ center: [13, 0, 0], size: [16, 16, 16] });
    expect(evidence.of(moved)!.inside).toBe(0);
  });

  it('is asked box by box of a large cloud; where there are no points, none are inside', async () => {
    const { evidence, asked } = service([NEAR.box.center], 5_000_000);
    await evidence.look('a', [NEAR, FAR], signal);
    expect(asked.map(({ center }) => center)).toEqual([NEAR.box.center, FAR.box.center]);
    expect([NEAR, FAR].map((one) => evidence.of(one)!.inside)).toEqual([1, 0]);
  });

  it('is unknown where the server refuses, and asked again where it is busy or away', async () => {
    let problem: ApiError | undefined = new ApiError('region_too_large', 413, 'too many points');
    const { evidence, asked } = service([NEAR.box.center], 100, () => problem);
    await evidence.look('a', [NEAR], signal);
    expect([evidence.isOpen(NEAR), evidence.of(NEAR)]).toEqual([false, null]);
    problem = new ApiError('unreachable', 0, 'away');
    await expect(evidence.look('a', [FAR], signal)).rejects.toBe(problem);
    expect(evidence.isOpen(FAR)).toBe(true);
    expect(asked).toHaveLength(5);
    problem = undefined;
    await evidence.look('a', [FAR], signal);
    expect(evidence.of(FAR)!.inside).toBe(0);
  });
});
