import { describe, expect, it } from 'vitest';
import { encodePly } from '../../../octree/ply/index.ts';
import { cropPoints } from './crop-points.ts';

const xyz = Float64Array.from({ length: 30 }, (_, i) => 5_000_000 + i / 8);
const ply = encodePly({ xyz, intensity: new Float32Array(10), count: 10 });
const bytes = ply.buffer.slice(ply.byteOffset, ply.byteOffset + ply.byteLength) as ArrayBuffer;

describe('points of a crop', () => {
  it('are told from an origin, so that large coordinates lose nothing', () => {
    const { origin, xyz: found } = cropPoints(bytes, [5_000_000, 5_000_000, 5_000_000]);
    expect(origin).toEqual([5_000_000, 5_000_000, 5_000_000]);
    expect([...found]).toEqual(Array.from({ length: 30 }, (_, i) => i / 8));
  });

  it('are thinned evenly', () => {
    const { xyz: found } = cropPoints(bytes, [5_000_000, 5_000_000, 5_000_000], 5);
    expect([...found].filter((_, i) => i % 3 === 0)).toEqual([0, 6, 12, 18, 24].map((i) => i / 8));
  });

  it('are refused if they are cut off, or something else', () => {
    expect(() => cropPoints(bytes.slice(0, -1), [0, 0, 0])).toThrow('10 points');
    expect(() => cropPoints(new ArrayBuffer(40), [0, 0, 0])).toThrow('not the points');
  });
});
