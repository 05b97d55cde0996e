import { describe, expect, it } from 'vitest';
import { isCloudId } from '../../versions/index.ts';
import { cloudName, isRenamed } from './cloud-name.ts';

describe('cloudName', () => {
  it.each([
    ['a/000042.bin', '000042'],
    ['a/n015-LIDAR.pcd.bin', 'n015-LIDAR'],
    ['a/x.PCD.Bin', 'x'],
    ['a/x.y.laz', 'x.y'],
    ['a/x.dat', 'x'],
    ['x', 'x'],
    ['Grass%20Lake%20Small.bin', 'Grass Lake Small'],
    ['a%2520b.bin', 'a b'],
    ['100%25.bin', '100%'],
    ['100%.bin', '100%'],
    ['bad%ffescape.bin', 'bad-ffescape'],
    ['a%2Fb.bin', 'a-b'],
    ['c:scan.bin', 'c-scan'],
    ['a\\b.bin', 'a-b'],
    ['a\nb.bin', 'a-b'],
    ['~x.bin', 'x'],
    ['tile.copc.laz.bin', 'tile-copc.laz'],
    ['Straße ü.las', 'Straße ü'],
  ])('of %j is %j, which is an id', (file, name) => {
    expect(cloudName(file)).toBe(name);
    expect(isCloudId(name)).toBe(true);
  });

  it.each(['.bin', 'a/.pcd.bin', '..bin', '...las', '~.bin', '%2e%2e.bin', `${'x'.repeat(1000)}.bin`])(
    'refuses %s',
    (file) => expect(() => cloudName(file)).toThrow(/name/),
  );

  it('knows what was renamed', () => {
    expect(isRenamed('a/b.bin')).toBe(false);
    expect(isRenamed('a/b%20c.bin')).toBe(true);
  });
});
