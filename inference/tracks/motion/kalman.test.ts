import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predict, type StateEstimate, smooth, update } from './kalman.ts';

const start: StateEstimate = { value: 0, rate: 0, vv: 1e-6, vr: 0, rr: 100 };

describe('a coordinate that moves', () => {
  it('is found again where it goes at a constant rate', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), fc.boolean(), (rate, isBackward) => {
        const times = Array.from({ length: 12 }, (_, k) => (isBackward ? -1 : 1) * 0.1 * k);
        const seen = times.map((time, k) => (k % 3 === 1 ? null : { value: rate * time, variance: 0.01 }));
        const smoothed = smooth(times, seen, start, 1);
        for (const [k, time] of times.entries()) {
          expect(smoothed[k]!.value).toBeCloseTo(rate * time, 1);
          if (k > 0) expect(Math.abs(smoothed[k]!.rate - rate)).toBeLessThan(1.5);
        }
      }),
    );
  });

  it('is the same forward and backward in time', () => {
    const forward = predict({ value: 1, rate: 2, vv: 0.1, vr: 0.05, rr: 1 }, 0.5, 2);
    const backward = predict({ value: 1, rate: -2, vv: 0.1, vr: -0.05, rr: 1 }, -0.5, 2);
    expect(backward.value).toBeCloseTo(forward.value, 12);
    expect(backward.vv).toBeCloseTo(forward.vv, 12);
    expect(backward.vr).toBeCloseTo(-forward.vr, 12);
  });

  it('is known no worse for a measurement, and the smoother no worse than the filter', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.option(number), { minLength: 2, maxLength: 20 }), (values) => {
        const times = values.map((_, k) => 0.1 * k);
        const seen = values.map((value) => (value === null ? null : { value, variance: 0.04 }));
        let filtered = start;
        const smoothed = smooth(times, seen, start, 3);
        for (const [k, measurement] of seen.entries()) {
          if (k > 0) filtered = predict(filtered, 0.1, 3);
          if (measurement !== null) {
            const updated = update(filtered, measurement);
            expect(updated.vv).toBeLessThanOrEqual(filtered.vv);
            filtered = updated;
          }
          expect(smoothed[k]!.vv).toBeLessThanOrEqual(filtered.vv * (1 + 1e-6) + 1e-12);
          expect(smoothed[k]!.vv).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
