import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBoxFrame, wrapAngle } from '../../boxes/index.ts';
import { corrected, correctionOf } from './correction.ts';
import type { Residual } from './residual.ts';

const AXES = ['along', 'across', 'up', 'turn'] as const;
const number = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
const offsets = (most: number) =>
  fc.record({ along: number(most), across: number(most), up: number(most), turn: number(most) });
const boxes = fc.record({
  center: fc.tuple(number(100), number(100), number(5)),
  size: fc.constant([4.5, 1.9, 1.6] as const),
  yaw: number(Math.PI),
});

describe('the correction of a keyframe', () => {
  it('goes towards the answer, and never as far as it', () => {
    fc.assert(
      fc.property(offsets(1), (offset) => {
        const by = correctionOf(offset);
        for (const axis of AXES) {
          expect(Math.abs(by[axis])).toBeLessThanOrEqual(Math.abs(offset[axis]));
          expect(by[axis] * offset[axis]).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('grows with the offset, but a smaller part of it is taken over', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.double({ min: 1.01, max: 5, noNaN: true }),
        (a, times) => {
          const all = (value: number): Residual => ({ along: value, across: value, up: value, turn: value });
          const [near, far] = [correctionOf(all(a)), correctionOf(all(times * a))];
          for (const axis of AXES) {
            expect(far[axis]).toBeGreaterThan(near[axis]);
            expect(far[axis]).toBeLessThan(times * near[axis]);
          }
        },
      ),
    );
  });

  it('moves a box along its own axes', () => {
    fc.assert(
      fc.property(boxes, offsets(1), (box, by) => {
        const moved = corrected(box, by);
        const [along, across, up] = toBoxFrame(box, moved.center);
        expect(along).toBeCloseTo(by.along, 9);
        expect(across).toBeCloseTo(by.across, 9);
        expect(up).toBeCloseTo(by.up, 9);
        expect(wrapAngle(moved.yaw - box.yaw - by.turn)).toBeCloseTo(0, 9);
        expect(moved.size).toEqual(box.size);
      }),
    );
  });
});
