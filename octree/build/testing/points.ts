/** Points for tests, and comparing them as multisets. */
import { mulberry32 } from '../../../cache/foundation/index.ts';

export interface TestPoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number;
}

/**
 * A scene like a scanner's: ground that is dense near the origin, and some boxes on it. All values are exact
 * in float32.
 */
export function scenePoints(count: number, seed = 1): TestPoint[] {
  const next = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const range = 2 + 70 * next() ** 2;
    const angle = 2 * Math.PI * next();
    const height = next() < 0.7 ? -1.7 + 0.05 * next() : -1.7 + 2 * next();
    return {
      x: Math.fround(range * Math.cos(angle)),
      y: Math.fround(range * Math.sin(angle)),
      z: Math.fround(height),
      intensity: Math.fround(Math.round(100 * next()) / 100),
    };
  });
}

/** The points in an order that depends on nothing but their values, on the steps of `scale`. */
export function asMultiset(points: readonly TestPoint[], scale: number): string[] {
  const step = (value: number) => Math.round(value / scale);
  return points.map(({ x, y, z, intensity }) => `${step(x)} ${step(y)} ${step(z)} ${intensity}`).sort();
}
