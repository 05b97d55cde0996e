/**
 * KITTI's object labels and calibration (the `training/` folder of the 3D object benchmark) in the scanner's
 * frame. Formats: the devkit's readme of Geiger, Lenz and Urtasun (CVPR 2012).
 */
import { NearboxError } from '../../cache/foundation/errors/index.ts';
import { type Box, type Vec3, wrapAngle } from '../boxes/index.ts';

/** One line of a label file. `box` is in the scanner's frame: x ahead, y to the left, z up. */
export interface KittiLabel {
  readonly class: string;
  /** Share of the object outside of the image, 0..1. */
  readonly truncated: number;
  /** 0 fully visible, 1 partly occluded, 2 largely occluded, 3 unknown. */
  readonly occluded: number;
  readonly box: Box;
}

/** The motion from the scanner to the rectified camera: a 3x3 rotation row by row, and a shift in metres. */
export interface KittiCalibration {
  readonly rotation: readonly number[];
  readonly shift: Vec3;
}

/** Reads `R0_rect` and `Tr_velo_to_cam` of a calib file. `file` is named in errors. */
export function readKittiCalibration(text: string, file: string): KittiCalibration {
  const rectify = calibrationLine(text, /^R0_rect|^R_rect/, 9, file);
  const toCamera = calibrationLine(text, /^Tr_velo_to_cam|^Tr_velo_cam/, 12, file);
  const rotation: number[] = [];
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += rectify[3 * row + k]! * toCamera[4 * k + column]!;
      rotation.push(sum);
    }
  const raw: Vec3 = [toCamera[3]!, toCamera[7]!, toCamera[11]!];
  return { rotation, shift: times(rectify, raw) };
}

/** The numbers of the line of that name. */
export function calibrationLine(text: string, name: RegExp, length: number, file: string): number[] {
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (!name.test(line)) continue;
    const values = line
      .replace(/^[^\s:]+:?/, '')
      .trim()
      .split(/\s+/)
      .map(Number);
    if (values.length === length && values.every(Number.isFinite)) return values;
    throw new NearboxError('invalid_request', `${file}:${index + 1}: expected ${length} numbers`);
  }
  throw new NearboxError(
    'invalid_request',
    `${file}: has no line ${name.source.replaceAll('^', '').replaceAll('|', ' or ')}`,
  );
}

/** Reads a label file; `DontCare` regions are left out. `file` is named in errors. */
export function readKittiLabels(text: string, calibration: KittiCalibration, file: string): KittiLabel[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('DontCare')) return [];
    const [name, ...rest] = line.trim().split(/\s+/);
    const values = rest.map(Number);
    if (values.length < 14 || !values.every(Number.isFinite))
      throw new NearboxError(
        'invalid_request',
        `${file}:${index + 1}: expected a class name and 14 numbers, got ${JSON.stringify(line)}`,
      );
    const box = boxOf(values, calibration);
    if (!box.size.every((size) => size > 0))
      throw new NearboxError('invalid_request', `${file}:${index + 1}: the sizes must be above 0`);
    return [{ class: name!, truncated: values[0]!, occluded: values[1]!, box }];
  });
}

/**
 * Fields 8.. of a label: height, width, length; then the middle of the bottom face in the rectified camera (x
 * right, y down, z ahead); then rotation_y, the turn about the camera's y from its x to the heading, so that
 * the heading is (cos, 0, -sin).
 */
function boxOf(values: readonly number[], calibration: KittiCalibration): Box {
  const [height, width, length] = [values[7]!, values[8]!, values[9]!];
  const middle: Vec3 = [values[10]!, values[11]! - height / 2, values[12]!];
  const turn = values[13]!;
  const { rotation, shift } = calibration;
  const center = timesTransposed(rotation, [
    middle[0] - shift[0],
    middle[1] - shift[1],
    middle[2] - shift[2],
  ]);
  const heading = timesTransposed(rotation, [Math.cos(turn), 0, -Math.sin(turn)]);
  return { center, size: [length, width, height], yaw: wrapAngle(Math.atan2(heading[1], heading[0])) };
}

function times(m: readonly number[], v: Vec3): Vec3 {
  const row = (k: number) => m[3 * k]! * v[0] + m[3 * k + 1]! * v[1] + m[3 * k + 2]! * v[2];
  return [row(0), row(1), row(2)];
}

/** The inverse of a rotation is its transpose. */
function timesTransposed(m: readonly number[], v: Vec3): Vec3 {
  const column = (k: number) => m[k]! * v[0] + m[3 + k]! * v[1] + m[6 + k]! * v[2];
  return [column(0), column(1), column(2)];
}
