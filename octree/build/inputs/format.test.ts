import { describe, expect, it } from 'vitest';
import { cloudName, guessFormat, parseInputFormat } from './format.ts';

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
  });
});

describe('cloudName', () => {
  it.each([
    ['a/000042.bin', '000042'],
    ['a/n015-LIDAR.pcd.bin', 'n015-LIDAR'],
    ['a/x.PCD.Bin', 'x'],
    ['a/x.y.laz', 'x.y'],
    ['a/x.dat', 'x'],
    ['x', 'x'],
  ])('of %s is %s', (file, name) => expect(cloudName(file)).toBe(name));

  it.each(['.bin', 'a/.pcd.bin', '..bin', '...las', '~x.bin'])('refuses %s', (file) =>
    expect(() => cloudName(file)).toThrow(/name/),
  );
});
