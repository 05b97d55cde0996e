import { describe, expect, it } from 'vitest';
import { isNearboxError } from '../../cache/foundation/index.ts';
import { wrapAngle } from '../boxes/index.ts';
import { readKittiCalibration, readKittiLabels } from './kitti-labels.ts';

/**
 * The camera looks along the scanner's x: camera x is the scanner's -y, camera y its -z. No rectification;
 * the camera 0.27 m ahead, 0.08 m lower.
 */
const PLAIN = `P2: 1 0 0 0 0 1 0 0 0 0 1 0
R0_rect: 1 0 0 0 1 0 0 0 1
Tr_velo_to_cam: 0 -1 0 0 0 0 -1 -0.08 1 0 0 -0.27
Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0
`;
/** Car, 1.5 high, 1.6 wide, 4.0 long; bottom 1.65 below the camera, 2 to the right, 20 ahead. */
const LABEL = 'Car 0.10 1 1.2 500 170 600 220 1.5 1.6 4.0 2.0 1.65 20.0';

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isNearboxError(error, 'invalid_request')) return error.message;
  }
  return 'no error';
};

describe('KITTI labels', () => {
  const plain = readKittiCalibration(PLAIN, 'calib/000001.txt');

  it.each<[string, (text: string) => string]>([
    ['CR LF', (text) => text.replaceAll('\n', '\r\n')],
    ['CR', (text) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['no space behind the colon', (text) => text.replaceAll(': ', ':')],
    ['no colon', (text) => text.replaceAll(':', '')],
    ['indented lines', (text) => text.replaceAll(/^/gm, '  ')],
    ['tabs', (text) => text.replaceAll(' ', '\t')],
  ])('reads calibrations with %s', (_, change) => {
    expect(readKittiCalibration(change(PLAIN), 'calib/000001.txt')).toEqual(plain);
  });

  it.each([
    [0, -Math.PI / 2],
    [-Math.PI / 2, 0],
    [Math.PI / 2, Math.PI],
    [1, -1 - Math.PI / 2],
    [-3, 3 - Math.PI / 2],
  ])('turn rotation_y %d into yaw %d', (rotation, yaw) => {
    const [label] = readKittiLabels(`${LABEL} ${rotation}\n`, plain, 'label_2/000001.txt');
    expect(Math.abs(wrapAngle(label!.box.yaw - yaw))).toBeLessThan(1e-9);
  });

  it('put the centre half a height over the middle of the bottom face', () => {
    const [label] = readKittiLabels(
      `${LABEL} 0\nDontCare -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10\n`,
      plain,
      'x',
    );
    expect(label).toMatchObject({ class: 'Car', truncated: 0.1, occluded: 1 });
    expect(label!.box.size).toEqual([4, 1.6, 1.5]);
    const [x, y, z] = label!.box.center;
    expect(x).toBeCloseTo(20.27, 9);
    expect(y).toBeCloseTo(-2, 9);
    // Camera y is down: bottom at -1.65 under the camera, which is 0.08 under the scanner.
    expect(z).toBeCloseTo(-1.65 - 0.08 + 0.75, 9);
  });

  it('go through the rectification', () => {
    const t = 0.01;
    const rectified = PLAIN.replace(
      'R0_rect: 1 0 0 0 1 0 0 0 1',
      `R0_rect: ${Math.cos(t)} 0 ${Math.sin(t)} 0 1 0 ${-Math.sin(t)} 0 ${Math.cos(t)}`,
    );
    const calibration = readKittiCalibration(rectified, 'x');
    const [label] = readKittiLabels(`${LABEL} 0`, calibration, 'x');
    // Forward again: scanner -> camera -> rectified must give the label's own place.
    const [x, y, z] = label!.box.center;
    const camera = [-y, -z - 0.08, x - 0.27] as const;
    expect(Math.cos(t) * camera[0] + Math.sin(t) * camera[2]).toBeCloseTo(2, 9);
    expect(camera[1]).toBeCloseTo(1.65 - 0.75, 9);
    expect(-Math.sin(t) * camera[0] + Math.cos(t) * camera[2]).toBeCloseTo(20, 9);
    expect(label!.box.yaw).toBeCloseTo(-Math.PI / 2 + t, 6);
  });

  it('name file and line of what does not fit', () => {
    expect(code(() => readKittiLabels(`${LABEL} 0\nCar 1 2 three`, plain, 'label_2/7.txt'))).toContain(
      'label_2/7.txt:2',
    );
    expect(code(() => readKittiLabels(`${LABEL.replace('4.0', '0')} 0`, plain, 'l.txt'))).toContain(
      'l.txt:1',
    );
    expect(code(() => readKittiCalibration('R0_rect: 1 2 3', 'calib/7.txt'))).toContain('calib/7.txt:1');
    expect(code(() => readKittiCalibration(PLAIN.replace(/Tr_velo.*\n/, ''), 'calib/7.txt'))).toContain(
      'Tr_velo_to_cam',
    );
  });
});
