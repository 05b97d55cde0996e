import { describe, expect, it } from 'vitest';
import type { Bounds } from '../geometry/index.ts';
import { Key } from '../geometry/index.ts';
import { believedBounds } from './believed-bounds.ts';

const CUBE: Bounds = { min: [0, 0, 0], max: [16, 16, 16] };
const bounds = (...values: number[]): Bounds => ({
  min: [values[0]!, values[1]!, values[2]!],
  max: [values[3]!, values[4]!, values[5]!],
});
const believed = (claim: Bounds, nodes: [string, number][] = [['0-0-0-0', 100]], points = 100) =>
  believedBounds({
    bounds: claim,
    cube: CUBE,
    pad: [0.001, 0.001, 0.001],
    points,
    rootPage: { root: Key.root, nodes: new Map(nodes), storedBytes: 0 },
  });

describe('bounds of the data', () => {
  it('are believed while every node with points touches them', () => {
    const claim = bounds(1, 1, 1, 9, 9, 9);
    expect(believed(claim)).toBe(claim);
    expect(
      believed(claim, [
        ['0-0-0-0', 9],
        ['1-1-1-1', 9],
        ['2-3-3-3', 0],
        ['1-0-1-0', -1],
      ]),
    ).toBe(claim);
  });

  it.each<[string, Bounds]>([
    ['zero', bounds(0, 0, 0, 0, 0, 0)],
    ['the extremes of float64', bounds(1.79e308, 1.79e308, 1.79e308, -1.79e308, -1.79e308, -1.79e308)],
    ['not numbers', bounds(Number.NaN, 0, 0, 1, 1, 1)],
    ['infinite', bounds(-Infinity, -Infinity, -Infinity, Infinity, Infinity, Infinity)],
    ['round everything', bounds(-1e300, -1e300, -1e300, 1e300, 1e300, 1e300)],
    ['those of one point', bounds(5, 5, 5, 5, 5, 5)],
    ['elsewhere', bounds(100, 100, 0, 120, 120, 10)],
  ])('that are %s give way to the cube', (_, claim) => {
    expect(believed(claim)).toBe(CUBE);
  });

  it('that a node with points lies outside of give way to the cube', () => {
    const claim = bounds(9, 9, 9, 15, 15, 15);
    expect(
      believed(claim, [
        ['0-0-0-0', 9],
        ['1-0-0-0', 9],
      ]),
    ).toBe(CUBE);
    expect(
      believed(claim, [
        ['0-0-0-0', 9],
        ['1-1-1-1', 9],
      ]),
    ).toBe(claim);
  });

  it('of a single point may be zero', () => {
    const claim = bounds(0, 0, 0, 0, 0, 0);
    expect(believed(claim, [['0-0-0-0', 1]], 1)).toBe(claim);
  });
});
