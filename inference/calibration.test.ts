import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALIBRATED_HINTS, calibratedHint, fitCurve, onCurve, readCalibration } from './calibration.ts';
import { readDescription, SHIPPED_MODEL } from './model-files.ts';

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

describe('the stored calibration', () => {
  const { propose, refine } = readDescription(SHIPPED_MODEL).networks;

  it('has a curve for every hint, and holds for the weights that it names alone', () => {
    expect(readCalibration({ propose: 'other', refine: refine.sha256 })).toBeNull();
    const stored = readCalibration({ propose: propose.sha256, refine: refine.sha256 });
    // New weights come before their calibration; until then scores stay as they are.
    for (const hint of stored === null ? [] : CALIBRATED_HINTS) {
      const curve = stored!.curves[hint];
      for (const [i, [x, y]] of curve.entries()) {
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(1);
        if (i > 0) expect(x).toBeGreaterThan(curve[i - 1]![0]);
        if (i > 0) expect(y).toBeGreaterThan(curve[i - 1]![1]);
      }
    }
  });

  it('tells lassos with and without an outline apart', () => {
    expect(calibratedHint({ type: 'lasso', click: [0, 0, 0], outline: null })).toBe('screen-lasso');
    expect(calibratedHint({ type: 'sphere', center: [0, 0, 0], radius: 1 })).toBe('sphere');
  });
});
