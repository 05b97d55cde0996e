import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOf } from './segments.ts';

const FRAMES = 20;
const frames = Array.from({ length: FRAMES }, (_, k) => ({ timestamp: k, pose: null }));
const all = { frames, direction: 'both', range: [0, FRAMES - 1] } as const;
const index = fc.integer({ min: 0, max: FRAMES - 1 });

describe('segments', () => {
  it('hold each frame once: as a keyframe, in a segment, or as absent', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(index, { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(index),
        (keys, gone) => {
          const keyframes = [...keys].sort((a, b) => a - b);
          const absent = gone.filter((frame) => !keys.includes(frame));
          const cut = segmentsOf(keyframes, absent, all);
          const held = [...keyframes, ...cut.absent, ...cut.segments.flatMap((segment) => segment.frames)];
          expect(held.sort((a, b) => a - b)).toEqual(frames.map((_, k) => k));
          for (const { from, to, frames: mine } of cut.segments) {
            expect(from !== null || to !== null).toBe(true);
            expect(mine.some((frame) => absent.includes(frame))).toBe(false);
            if (from !== null) expect(keyframes[from]!).toBeLessThan(mine[0]!);
            if (to !== null) expect(keyframes[to]!).toBeGreaterThan(mine.at(-1)!);
          }
        },
      ),
    );
  });

  it('do not lead across absent frames', () => {
    const cut = segmentsOf([2, 12], [5, 6], all);
    expect(cut.segments.map(({ from, to, frames: mine }) => [from, to, mine[0], mine.at(-1)])).toEqual([
      [null, 0, 0, 1],
      [0, null, 3, 4],
      [null, 1, 7, 11],
      [1, null, 13, 19],
    ]);
    expect(cut.absent).toEqual([5, 6]);
  });
});
