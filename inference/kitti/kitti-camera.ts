/** The cameras of KITTI's calibration files: `P0` to `P3`. */
import type { Vec2, Vec3 } from '../boxes/index.ts';
import { calibrationLine, type KittiCalibration, readKittiCalibration } from './kitti-labels.ts';

export interface KittiCamera {
  /** Focal lengths and principal point, pixels. */
  readonly focal: Vec2;
  readonly centre: Vec2;
  /** The motion from the scanner to this camera. */
  readonly toCamera: KittiCalibration;
}

/**
 * Camera `number` of a calib file (2 is the left colour camera); null if the file has none of that number.
 * P = K [I | t]: the camera stands off the rectified one by t. `file` is named in errors.
 */
export function readKittiCamera(text: string, number: number, file: string): KittiCamera | null {
  if (!new RegExp(`^P${number}:?\\s`, 'm').test(text)) return null;
  const p = calibrationLine(text, new RegExp(`^P${number}:?(?=\\s)`), 12, file);
  const [focal, centre]: [Vec2, Vec2] = [
    [p[0]!, p[5]!],
    [p[2]!, p[6]!],
  ];
  const ahead = p[11]!;
  const off: Vec3 = [(p[3]! - centre[0] * ahead) / focal[0], (p[7]! - centre[1] * ahead) / focal[1], ahead];
  const { rotation, shift } = readKittiCalibration(text, file);
  return {
    focal,
    centre,
    toCamera: { rotation, shift: [shift[0] + off[0], shift[1] + off[1], shift[2] + off[2]] },
  };
}
