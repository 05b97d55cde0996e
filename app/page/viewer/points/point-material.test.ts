import { beforeEach, describe, expect, it } from 'vitest';
import { type ColouredBox, NO_BOXES, PointMaterial } from './point-material.ts';

const box: ColouredBox = { box: { center: [1, 2, 3], size: [4, 2, 1], yaw: 0 }, colour: [1, 0, 0] };
const dim = { offset: 0, scale: 1 };
const bright = { offset: 10, scale: 2 };

describe('what three is told before a node is drawn', () => {
  let points: PointMaterial;

  beforeEach(() => {
    points = new PointMaterial();
  });

  /** Whether a node makes three send the uniforms again. */
  function sends(...node: Parameters<PointMaterial['prepareNode']>): boolean {
    points.material.uniformsNeedUpdate = false;
    points.prepareNode(...node);
    return points.material.uniformsNeedUpdate;
  }
  const value = (name: string) => points.material.uniforms[name]!.value;

  it('is nothing where the mode draws nothing of what nodes differ in', () => {
    points.setMode('height', true, [0, 1]);
    expect(sends(dim, NO_BOXES, 0)).toBe(false);
    expect(sends(bright, NO_BOXES, 1)).toBe(false);
  });

  it('is the intensity, once for nodes in a row that have the same', () => {
    points.setMode('intensity', true, [0, 1]);
    expect(sends(bright, NO_BOXES, 0)).toBe(true);
    expect(value('intensity').toArray()).toEqual([10, 2]);
    expect(sends(bright, NO_BOXES, 0)).toBe(false);
    expect(sends(dim, NO_BOXES, 0)).toBe(true);
    expect(value('intensity').toArray()).toEqual([0, 1]);
  });

  it('is the intensity of the next node after other modes too', () => {
    points.setMode('height', true, [0, 1]);
    sends(bright, NO_BOXES, 0);
    points.setMode('intensity', true, [0, 1]);
    expect(sends(bright, NO_BOXES, 0)).toBe(true);
    expect(value('intensity').toArray()).toEqual([10, 2]);
  });

  it('is what own colours are multiplied by', () => {
    points.setMode('own', true, [0, 1]);
    expect(sends(dim, NO_BOXES, 1)).toBe(true);
    expect(sends(dim, NO_BOXES, 1)).toBe(false);
    expect(sends(dim, NO_BOXES, 1 / 256)).toBe(true);
    expect(value('ownScale')).toBe(1 / 256);
  });

  it('is the boxes that reach into a node, and that there are none any more', () => {
    const boxes = [box];
    expect(sends(dim, boxes, 0)).toBe(true);
    expect(value('boxCount')).toBe(1);
    expect(value('boxPlace')[0].toArray()).toEqual([1, 2, 3, 1]);
    expect(sends(dim, boxes, 0)).toBe(false);
    expect(sends(dim, NO_BOXES, 0)).toBe(true);
    expect(value('boxCount')).toBe(0);
  });
});
