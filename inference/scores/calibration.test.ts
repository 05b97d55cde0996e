import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDescription, SHIPPED_MODEL } from '../network/index.ts';
import {
  CALIBRATED_HINTS,
  type CalibratedHint,
  type Curve,
  calibratedHint,
  expectedIou,
  expectedRealIou,
  fitCurve,
  fitShares,
  onCurve,
  readCalibration,
} from './calibration.ts';

const score = fc.double({ min: 0, max: 1, noNaN: true });

describe('fitCurve and onCurve', () => {
  it('rises, and never leaves the range of what was reached', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 80 }),
        score,
        score,
        (pairs, a, b) => {
          const curve = fitCurve(pairs);
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(onCurve(curve, low)).toBeLessThanOrEqual(onCurve(curve, high) + 1e-12);
          const reached = pairs.map(([, iou]) => iou);
          expect(onCurve(curve, a)).toBeGreaterThanOrEqual(Math.min(...reached) - 1e-3);
          expect(onCurve(curve, a)).toBeLessThanOrEqual(Math.max(...reached) + 1e-3);
        },
      ),
    );
  });

  it('undoes a bias', () => {
    const pairs = Array.from({ length: 2400 }, (_, i) => [i / 2400, 0.8 * (i / 2400) ** 2] as const);
    const curve = fitCurve(pairs);
    for (const at of [0.2, 0.5, 0.8]) expect(onCurve(curve, at)).toBeCloseTo(0.8 * at ** 2, 1);
  });
});

describe('fitShares and expectedIou', () => {
  it('takes from answers about few points what they did not keep', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => {
      const points = 1 + (i % 60);
      return [points, 0.8, points < 5 ? 0.2 : 0.8] as const;
    });
    const shares = fitShares(rows);
    for (const [i, [, share]] of shares.entries())
      if (i > 0) expect(share).toBeGreaterThanOrEqual(shares[i - 1]![1]);
    const every = (curve: Curve) =>
      Object.fromEntries(CALIBRATED_HINTS.map((hint) => [hint, curve])) as Record<CalibratedHint, Curve>;
    const fit = {
      curves: every([
        [0, 0],
        [1, 1],
      ]),
      shares: every(shares),
    };
    expect(expectedIou(fit, 'click', 0.8, 1)).toBeCloseTo(0.2, 2);
    expect(expectedIou(fit, 'click', 0.8, 40)).toBeCloseTo(0.8, 2);
    expect(expectedRealIou('car', fit, 'click', 0.8, 40)).toBeCloseTo(0.96 * 0.8, 2);
    expect(expectedRealIou('pedestrian', fit, 'click', 0.8, 40)).toBeCloseTo(0.73 * 0.8, 2);
    expect(expectedRealIou('truck', fit, 'click', 0.8, 40)).toBeCloseTo(0.9 * 0.8, 2);
  });

  it('is a share of one at most, and never less for more points', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), score, score), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 200 }),
        score,
        (rows, a, b, raw) => {
          const shares = fitShares(rows);
          const line: Curve = [
            [0, 0],
            [1, 1],
          ];
          const fit = {
            curves: { click: line, sphere: line, box: line, lasso: line, 'screen-lasso': line },
            shares: { click: shares, sphere: shares, box: shares, lasso: shares, 'screen-lasso': shares },
          };
          const [few, many] = [Math.min(a, b), Math.max(a, b)].map((n) => expectedIou(fit, 'box', raw, n));
          expect(few!).toBeLessThanOrEqual(many! + 1e-9);
          expect(many!).toBeLessThanOrEqual(1);
          expect(few!).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe('the stored calibration', () => {
  const { propose, refine } = readDescription(SHIPPED_MODEL).networks;

  it('has a curve for every hint, and holds for the weights that it names alone', () => {
    expect(readCalibration({ propose: 'other', refine: refine.sha256 })).toBeNull();
    const stored = readCalibration({ propose: propose.sha256, refine: refine.sha256 });
    if (stored === null) throw new Error('the shipped weights have no calibration: npm run calibrate');
    for (const hint of CALIBRATED_HINTS) {
      for (const [curve, most] of [
        [stored.curves[hint], 1],
        [stored.shares[hint], 1.2],
      ] as const)
        for (const [i, [x, y]] of curve.entries()) {
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(most);
          if (i > 0) expect(x).toBeGreaterThan(curve[i - 1]![0]);
          if (i > 0) expect(y).toBeGreaterThanOrEqual(curve[i - 1]![1]);
        }
    }
  });

  it('tells lassos with and without an outline apart', () => {
    expect(calibratedHint({ type: 'lasso', click: [0, 0, 0], outline: null })).toBe('screen-lasso');
    expect(calibratedHint({ type: 'sphere', center: [0, 0, 0], radius: 1 })).toBe('sphere');
  });
});
