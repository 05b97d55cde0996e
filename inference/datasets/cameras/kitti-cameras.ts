/** The cameras of KITTI: `image_2` of the objects, `image_02` of tracking and of the raw data. */
import path from 'node:path';
import { inversePose } from '../../boxes/index.ts';
import { readKittiCamera } from '../../kitti/index.ts';
import { textOf } from '../files.ts';
import type { DatasetCamera } from '../frame.ts';
import { quaternionOfMatrix } from '../oxts.ts';
import { imageIn } from './images.ts';

/** The grey cameras show what the colour ones do. */
const COLOUR = [2, 3] as const;

/**
 * The colour cameras that have an image of a frame.
 * @param folderOf the folder of a camera's images, by its number
 */
export async function kittiCameras(
  text: string,
  file: string,
  { stem, folderOf }: { readonly stem: string; readonly folderOf: (number: number) => string },
): Promise<DatasetCamera[]> {
  const found: DatasetCamera[] = [];
  for (const number of COLOUR) {
    const image = await imageIn(folderOf(number), stem);
    const camera = image === null ? null : readKittiCamera(text, number, file);
    if (image === null || camera === null) continue;
    const { focal, centre, toCamera } = camera;
    const pose = inversePose({
      position: toCamera.shift,
      rotation: quaternionOfMatrix(toCamera.rotation, 3),
    });
    found.push({ name: `image_${number}`, focal, centre, pose, file: image });
  }
  return found;
}

/**
 * The calibration of a day of the raw data in the form of the benchmarks; null if the folder has none:
 * `calib_cam_to_cam.txt` and `calib_velo_to_cam.txt`.
 */
export async function kittiRawCalibration(day: string): Promise<string | null> {
  const [cameras, scanner] = await Promise.all(
    ['calib_cam_to_cam.txt', 'calib_velo_to_cam.txt'].map((name) => textOf(path.join(day, name))),
  );
  if (cameras == null || scanner == null) return null;
  const numbers = (text: string, name: string) =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const [r, t] = [numbers(scanner, 'R'), numbers(scanner, 'T')];
  const rows = [0, 1, 2].flatMap((row) => [...r.slice(3 * row, 3 * row + 3), t[row] ?? '']);
  return [
    ...COLOUR.map((number) => `P${number}: ${numbers(cameras, `P_rect_0${number}`).join(' ')}`),
    `R0_rect: ${numbers(cameras, 'R_rect_00').join(' ')}`,
    `Tr_velo_to_cam: ${rows.join(' ')}`,
  ].join('\n');
}
