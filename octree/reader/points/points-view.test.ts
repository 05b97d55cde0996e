import { describe, expect, test } from 'vitest';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import { type DecodedNode, tightBounds } from '../../points/index.ts';
import type { Region } from '../../regions/index.ts';
import { ORIGIN } from '../../testing/index.ts';
import type { CloudInfo } from '../../versions/index.ts';
import { PointsView } from './points-view.ts';

const SCALE = 1 / 64;
const COUNT = 5000;

/** Points in the cube of 2 * `half` metres around ORIGIN, as integers or as floats. */
function nodeOf(seed: number, half: number, isFloat: boolean): DecodedNode {
  const random = mulberry32(seed);
  const axis = (k: 0 | 1 | 2) => {
    const place = () => Math.round((ORIGIN[k] + (2 * random() - 1) * half) / SCALE);
    return isFloat
      ? Float64Array.from({ length: COUNT }, () => place() * SCALE)
      : Int32Array.from({ length: COUNT }, place);
  };
  const [x, y, z] = [axis(0), axis(1), axis(2)];
  const scale = isFloat ? ([1, 1, 1] as const) : ([SCALE, SCALE, SCALE] as const);
  const offset = [0, 0, 0] as const;
  const bounds = tightBounds(x, y, z, scale, offset);
  return { count: COUNT, x, y, z, scale, offset, bounds, intensity: null };
}

const NODES = [nodeOf(1, 8, false), nodeOf(2, 8, true), nodeOf(3, 2, false), nodeOf(4, 30, false)];

function viewOf(nodes: readonly DecodedNode[]): PointsView {
  return new PointsView({
    cloud: { id: 'c', version: 'v' } as CloudInfo,
    nodes,
    isTruncated: false,
    clickRadius: 0.5,
    cost: { nodes: nodes.length, bytes: 0, memory: 0, disk: 0, origin: 0 },
    timings: { resolveMs: 0, fetchMs: 0, decodeMs: 0 },
  });
}

const sphere = (radius: number, shift = 0): Region => ({
  type: 'sphere',
  center: [ORIGIN[0] + shift, ORIGIN[1], ORIGIN[2]],
  radius,
});

describe('a view that has cropped a region', () => {
  const questions: Region[] = [
    { type: 'click', position: [...ORIGIN] },
    sphere(1, 2),
    // Past the border of the crops below, and around all of them.
    sphere(2, 2),
    sphere(100),
    { type: 'box', center: [...ORIGIN], size: [4, 2, 1.5], yaw: 0.4 },
    { type: 'box', center: [...ORIGIN], size: [40, 2, 1.5], yaw: 0.4 },
  ];

  test.each([2.5, 4, 9, 60])('within %s m, counts as one that has not', (radius) => {
    const view = viewOf(NODES);
    for (const shift of [0, 1]) {
      view.crop(sphere(radius, shift), ORIGIN);
      for (const question of questions) expect(view.count(question)).toBe(viewOf(NODES).count(question));
    }
    expect(viewOf(NODES).count(questions[0]!)).toBeGreaterThan(10);
  });

  test.each([0.01, 2.5, 4, 60])('of %s m, has its points in their order', (radius) => {
    const { positions, count } = viewOf(NODES).crop(sphere(radius), ORIGIN);
    const { xyz } = viewOf(NODES).points(sphere(radius));
    expect(count).toBe(xyz.length / 3);
    expect(positions).toEqual(Float32Array.from(xyz, (value, i) => value - ORIGIN[i % 3]!));
  });

  test('answers nothing more when it is released', () => {
    const view = viewOf(NODES);
    view.crop(sphere(4), ORIGIN);
    view.release();
    expect(() => view.count(questions[0]!)).toThrow('released');
  });
});
