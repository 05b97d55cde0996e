import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import { faceMoved, flipped, moved, turned } from './edit.ts';
import { placedFaces } from './faces.ts';

const box: Box = { center: [500_000, 20, -1], size: [4, 2, 1.5], yaw: 0.7 };

describe('the faces that a hand has placed', () => {
  it.each([
    ['front', 0, 1],
    ['rear', 0, -1],
    ['left', 1, 1],
    ['right', 1, -1],
    ['top', 2, 1],
    ['bottom', 2, -1],
  ] as const)('%s', (name, axis, side) => {
    expect(placedFaces(box, faceMoved(box, axis, side, 0.2))).toEqual([name]);
    expect(placedFaces(box, faceMoved(box, axis, side, -0.2))).toEqual([name]);
  });

  it('two at a corner, the heading alone, and none of a box that was moved or flipped', () => {
    expect(placedFaces(box, faceMoved(faceMoved(box, 0, 1, 0.1), 1, -1, 0.1))).toEqual(['front', 'right']);
    expect(placedFaces(box, turned(box, 0.05))).toEqual(['yaw']);
    expect(placedFaces(box, moved(box, [1, 0, 0]))).toEqual([]);
    expect(placedFaces(box, flipped(box))).toEqual(['yaw']);
  });
});
