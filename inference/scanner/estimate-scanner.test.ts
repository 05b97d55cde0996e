import { describe, expect, test } from 'vitest';
import { atOnce } from '../../cache/foundation/index.ts';
import { estimateScanner } from './index.ts';
import { syntheticScan } from './testing/index.ts';

const estimate = (positions: Float32Array) => atOnce(estimateScanner(positions, positions.length / 3));

describe('estimateScanner', () => {
  test.each([
    [0, 0],
    [12.3, -31.7],
    [-140, 60],
  ])('finds the scanner at %d, %d', (x, y) => {
    const found = estimate(syntheticScan(1, [x, y]))!;
    expect(Math.hypot(found.place[0] - x, found.place[1] - y)).toBeLessThan(0.5);
    expect(found.confidence).toBe(1);
  });

  test('sees no circles where scans of several places are together', () => {
    const places = [
      [0, 0],
      [14, 6],
      [-9, 17],
      [21, -12],
    ] as const;
    const scans = places.map((place) => syntheticScan(1, place, 3));
    const together = Float32Array.from(scans.flatMap((scan) => [...scan]));
    const byRingsAlone = true;
    expect(atOnce(estimateScanner(together, together.length / 3, { byRingsAlone }))!.confidence).toBeLessThan(
      0.5,
    );
    const [alone] = scans as [Float32Array];
    const single = atOnce(estimateScanner(alone, alone.length / 3, { byRingsAlone }))!;
    expect(Math.hypot(...single.place.slice(0, 2))).toBeLessThan(0.5);
    expect(single.confidence).toBe(1);
  });

  test('says nothing about points without ground, without obstacles, or too few', () => {
    expect(estimate(new Float32Array(0))).toBeNull();
    expect(estimate(new Float32Array(3000))).toBeNull();
    expect(estimate(new Float32Array(3000).fill(Number.NaN))).toBeNull();
    expect(estimate(syntheticScan(1, [0, 0]).subarray(0, 300))).toBeNull();
  });

  test('gives the same for the same points', () => {
    const scan = syntheticScan(2, [3, 4]);
    expect(estimate(scan)).toEqual(estimate(scan.slice()));
  });
});
