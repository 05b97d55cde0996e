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
    ['00.pkl.gz', 'pandas'],
    ['315966265259836000.feather', 'feather'],
    ['a.npy', 'npy'],
    ['a.TXT', 'xyz'],
  ])('%s is %s', (file, format) => expect(guessFormat(file)).toBe(format));

  it('refuses what it does not know', () => {
    expect(() => guessFormat('dir/a.abc')).toThrow(/dir\/a\.abc.*--format/);
    expect(() => parseInputFormat('abc')).toThrow(/kitti, nuscenes/);
    expect(parseInputFormat('LAZ')).toBe('laz');
    expect(parseInputFormat('F32:6')).toBe('f32:6');
    for (const wrong of ['f32', 'f32:2', 'f32:65', 'f32:x', 'f64:4'])
      expect(() => parseInputFormat(wrong)).toThrow(/f32:N/);
  });
});
