/**
 * KITTI's GPS and IMU (`oxts`): where the scanner stood, in metres from the first frame's place. The world is
 * the devkit's: a Mercator projection, x east, y north, z up (devkit, convertOxtsToPose.m).
 */
import { composePoses } from '../../octree/build/index.ts';
import { inversePose, type Pose, type Quaternion, type Vec3 } from '../boxes/index.ts';
import { badFile } from './files.ts';

const EARTH_RADIUS = 6_378_137;
const DEGREE = Math.PI / 180;

export class OxtsPoses {
  readonly #fromScanner: Pose;
  readonly #file: string;
  #origin: Vec3 | null = null;
  #scale = 0;

  /** @param toScanner takes the IMU's coordinates to the scanner's */
  constructor(toScanner: Pose, file: string) {
    this.#fromScanner = inversePose(toScanner);
    this.#file = file;
  }

  /** The pose of a line's frame; the first line that is asked for is the world's origin. */
  poseOf(line: string): Pose {
    const [lat, lon, alt, roll, pitch, yaw] = line.trim().split(/\s+/).map(Number) as number[];
    if (![lat, lon, alt, roll, pitch, yaw].every(Number.isFinite))
      throw badFile(this.#file, `${JSON.stringify(line.slice(0, 60))} does not begin with six numbers`);
    if (this.#origin === null) this.#scale = Math.cos(lat! * DEGREE);
    const place: Vec3 = [
      this.#scale * EARTH_RADIUS * lon! * DEGREE,
      this.#scale * EARTH_RADIUS * Math.log(Math.tan((90 + lat!) * (DEGREE / 2))),
      alt!,
    ];
    this.#origin ??= place;
    const [x, y, z] = this.#origin;
    const imu: Pose = {
      position: [place[0] - x, place[1] - y, place[2] - z],
      rotation: rotationOf(roll!, pitch!, yaw!),
    };
    return composePoses(imu, this.#fromScanner);
  }
}

/** Turned by roll about x, then pitch about y, then yaw about z. */
function rotationOf(roll: number, pitch: number, yaw: number): Quaternion {
  const [cr, sr] = [Math.cos(roll / 2), Math.sin(roll / 2)];
  const [cp, sp] = [Math.cos(pitch / 2), Math.sin(pitch / 2)];
  const [cy, sy] = [Math.cos(yaw / 2), Math.sin(yaw / 2)];
  return [
    sr * cp * cy - cr * sp * sy,
    cr * sp * cy + sr * cp * sy,
    cr * cp * sy - sr * sp * cy,
    cr * cp * cy + sr * sp * sy,
  ];
}

/**
 * The motion from the IMU to the scanner: `Tr_imu_to_velo` of the benchmarks, or the `R:` and `T:` of the raw
 * data's calib_imu_to_velo.txt; null if the text has neither.
 */
export function imuToScanner(text: string): Pose | null {
  const line = (name: string) => {
    const found = text.split(/\r?\n/).find((one) => one.startsWith(name));
    return found?.slice(name.length).replace(/^:/, '').trim().split(/\s+/).map(Number);
  };
  const both = line('Tr_imu_to_velo') ?? line('Tr_imu_velo');
  if (both?.length === 12 && both.every(Number.isFinite))
    return { position: [both[3]!, both[7]!, both[11]!], rotation: quaternionOfMatrix(both, 4) };
  const [turn, shift] = [line('R:'), line('T:')];
  if (turn?.length !== 9 || shift?.length !== 3 || ![...turn, ...shift].every(Number.isFinite)) return null;
  return { position: [shift[0]!, shift[1]!, shift[2]!], rotation: quaternionOfMatrix(turn, 3) };
}

/** The quaternion x, y, z, w of a rotation matrix, whose rows are `stride` numbers apart. */
export function quaternionOfMatrix(m: readonly number[], stride: number): Quaternion {
  const at = (row: number, column: number) => m[row * stride + column]!;
  const root = (a: number, b: number, c: number) => Math.sqrt(Math.max(0, 1 + a + b + c)) / 2;
  const [x, y, z] = [at(0, 0), at(1, 1), at(2, 2)];
  const signed = (length: number, sign: number) => (sign < 0 ? -length : length);
  // Right for turns of less than half a circle, as between two devices on a car.
  return [
    signed(root(x, -y, -z), at(2, 1) - at(1, 2)),
    signed(root(-x, y, -z), at(0, 2) - at(2, 0)),
    signed(root(-x, -y, z), at(1, 0) - at(0, 1)),
    root(x, y, z),
  ];
}
