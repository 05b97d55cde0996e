import { describe, expect, it } from 'vitest';
import { guessFormat, parseInputFormat } from './format.ts';

describe('guessFormat', () => {
  it.each([
    ['a/000042.bin', 'kitti'],
    ['a/frame.pcd.bin', 'nuscenes'],
    ['a/FRAME.PCD.BIN', 'nuscenes'],
    ['a.pcd', 'pcd'],
    ['a.PLY', 'ply'],
    ['a.b.las', 'las'],
    ['a.laz', 'laz'],
  ])('%s is %s', (file, format) => expect(guessFormat(file)).toBe(format));

  it('refuses what it does not know', () => {
    expect(() => guessFormat('dir/a.xyz')).toThrow(/dir\/a\.xyz.*--format/);
    expect(() => parseInputFormat('e57')).toThrow(/kitti, nuscenes/);
    expect(parseInputFormat('LAZ')).toBe('laz');
    expect(parseInputFormat('F32:6')).toBe('f32:6');
    for (const wrong of ['f32', 'f32:2', 'f32:65', 'f32:x', 'f64:4'])
      expect(() => parseInputFormat(wrong)).toThrow(/f32:N/);
  });
});
