/**
 * A drive of KITTI's raw data: `velodyne_points/data`, `velodyne_points/timestamps.txt`, `oxts/data`,
 * `tracklet_labels.xml`, and `calib_imu_to_velo.txt` in the folder of the day above.
 */
import path from 'node:path';
import { wrapAngle } from '../boxes/index.ts';
import { kittiCameras, kittiRawCalibration } from './cameras/index.ts';
import { badFile, isThere, stemsIn, textOf } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';
import { imuToScanner, OxtsPoses } from './oxts.ts';

export async function readKittiRaw(folder: string): Promise<DatasetFrame[] | null> {
  const points = path.join(folder, 'velodyne_points');
  const stems = await stemsIn(path.join(points, 'data'), '.bin');
  if (stems.length === 0) return null;
  const times = (await textOf(path.join(points, 'timestamps.txt')))?.trim().split(/\r?\n/) ?? [];
  const calib = await textOf(path.join(folder, '..', 'calib_imu_to_velo.txt'));
  const toScanner = calib === null ? null : imuToScanner(calib);
  const day = await kittiRawCalibration(path.join(folder, '..'));
  const oxts = path.join(folder, 'oxts', 'data');
  const poses = toScanner === null ? null : new OxtsPoses(toScanner, oxts);
  const labels = path.join(folder, 'tracklet_labels.xml');
  let read: Promise<Map<number, DatasetObject[]>> | undefined;
  const hasLabels = await isThere(labels);
  const scene = path.basename(path.resolve(folder));
  const frames: DatasetFrame[] = [];
  for (const stem of stems) {
    const line = poses === null ? null : await textOf(path.join(oxts, `${stem}.txt`));
    frames.push({
      id: stem,
      scene,
      file: path.join(points, 'data', `${stem}.bin`),
      pose: poses === null || line === null ? null : poses.poseOf(line),
      timestamp: timeOf(times[Number(stem)]),
      sensor: [0, 0, 0],
      ...(day !== null && {
        cameras: () =>
          kittiCameras(day, path.join(folder, '..', 'calib_cam_to_cam.txt'), {
            stem,
            folderOf: (number) => path.join(folder, `image_0${number}`, 'data'),
          }),
      }),
      objects: hasLabels
        ? async () => {
            read ??= textOf(labels).then((text) => readTracklets(text ?? '', labels));
            return (await read).get(Number(stem)) ?? [];
          }
        : null,
    });
  }
  return frames;
}

/** `2011-09-26 13:02:25.951199337`, taken for UTC, in seconds since 1970. */
function timeOf(line: string | undefined): number | null {
  const [, date, time, fraction = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?/.exec(line ?? '') ?? [];
  if (date === undefined) return null;
  const seconds = Date.parse(`${date}T${time}Z`) / 1000;
  return Number.isFinite(seconds) ? seconds + Number(`0${fraction}`) : null;
}

/**
 * The tracklets: each object's size, its first frame, and a pose for each frame from there on, whose place is
 * the middle of the bottom.
 */
function readTracklets(text: string, file: string): Map<number, DatasetObject[]> {
  const objects = new Map<number, DatasetObject[]>();
  const tracklets = text.split('<objectType>').slice(1);
  for (const [track, tracklet] of tracklets.entries()) {
    const kind = /^([^<]*)</.exec(tracklet)?.[1] ?? '';
    const [height, width, length] = ['h', 'w', 'l'].map((name) => numberIn(tracklet, name));
    const first = numberIn(tracklet, 'first_frame');
    if (!(height! > 0 && width! > 0 && length! > 0) || !Number.isInteger(first))
      throw badFile(file, `tracklet ${track} has no valid h, w, l and first_frame`);
    for (const [index, pose] of tracklet.split('<tx>').slice(1).entries()) {
      const [x, y, z, turn] = [`<tx>${pose}`, pose, pose, pose].map((part, at) =>
        numberIn(part, ['tx', 'ty', 'tz', 'rz'][at]!),
      ) as [number, number, number, number];
      if (![x, y, z, turn].every(Number.isFinite))
        throw badFile(file, `pose ${index} of tracklet ${track} has no place`);
      const frame = first + index;
      const own = objects.get(frame) ?? [];
      objects.set(frame, own);
      own.push({
        id: String(track),
        class: kind.trim(),
        center: [x, y, z + height! / 2],
        size: [length!, width!, height!],
        yaw: wrapAngle(turn),
      });
    }
  }
  return objects;
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`<${name}>\\s*([-+.\\deE]+)\\s*</${name}>`).exec(text)?.[1] ?? Number.NaN);
}
