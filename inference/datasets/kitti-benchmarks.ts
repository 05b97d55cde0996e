/**
 * KITTI's benchmarks: objects (`velodyne`, `calib`, `label_2`), and tracking (`velodyne/SEQUENCE`,
 * `calib/SEQUENCE.txt`, `label_02/SEQUENCE.txt`, `oxts/SEQUENCE.txt`).
 */
import path from 'node:path';
import { readKittiCalibration, readKittiLabels } from '../kitti/index.ts';
import { kittiCameras } from './cameras/index.ts';
import { badFile, isThere, namesIn, stemsIn, textOf } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';
import { imuToScanner, OxtsPoses } from './oxts.ts';

const SENSOR = [0, 0, 0] as const;

export async function readKittiObjects(folder: string): Promise<DatasetFrame[] | null> {
  const stems = await stemsIn(path.join(folder, 'velodyne'), '.bin');
  const [hasCalib, hasLabels] = await Promise.all([
    isThere(path.join(folder, 'calib')),
    isThere(path.join(folder, 'label_2')),
  ]);
  if (stems.length === 0 || !(hasCalib || hasLabels)) return null;
  const labelled = new Set(await stemsIn(path.join(folder, 'label_2'), '.txt'));
  return stems.map((id) => ({
    id,
    scene: id,
    file: path.join(folder, 'velodyne', `${id}.bin`),
    pose: null,
    timestamp: null,
    sensor: SENSOR,
    cameras: () =>
      camerasOf(path.join(folder, 'calib', `${id}.txt`), {
        stem: id,
        folderOf: (number) => path.join(folder, `image_${number}`),
      }),
    objects: labelled.has(id) ? () => readObjects(folder, id) : null,
  }));
}

async function readObjects(folder: string, id: string): Promise<DatasetObject[]> {
  const [calib, labels] = ['calib', 'label_2'].map((part) => path.join(folder, part, `${id}.txt`));
  const calibration = readKittiCalibration(await needed(calib!), calib!);
  const lines = readKittiLabels(await needed(labels!), calibration, labels!);
  return lines.map((label) => ({ ...label.box, id: null, class: label.class }));
}

/** None without a calibration. */
async function camerasOf(calib: string, images: Parameters<typeof kittiCameras>[2]) {
  const text = await textOf(calib);
  return text === null ? [] : kittiCameras(text, calib, images);
}

async function needed(file: string): Promise<string> {
  const text = await textOf(file);
  if (text === null) throw badFile(file, 'no such file');
  return text;
}

export async function readKittiTracking(folder: string): Promise<DatasetFrame[] | null> {
  const sequences = (await namesIn(path.join(folder, 'velodyne'))).filter((name) => /^\d{4}$/.test(name));
  if (sequences.length === 0) return null;
  const frames = await Promise.all(sequences.map((sequence) => readSequence(folder, sequence)));
  return frames.flat();
}

async function readSequence(folder: string, sequence: string): Promise<DatasetFrame[]> {
  const stems = await stemsIn(path.join(folder, 'velodyne', sequence), '.bin');
  const [calib, oxts, labels] = ['calib', 'oxts', 'label_02'].map((part) =>
    path.join(folder, part, `${sequence}.txt`),
  );
  const [calibText, oxtsText] = await Promise.all([textOf(calib!), textOf(oxts!)]);
  const toScanner = calibText === null ? null : imuToScanner(calibText);
  const poses = oxtsText === null || toScanner === null ? null : new OxtsPoses(toScanner, oxts!);
  const lines = oxtsText?.trim().split(/\r?\n/) ?? [];
  let read: Promise<Map<number, DatasetObject[]>> | undefined;
  const hasLabels = calibText !== null && (await isThere(labels!));
  const all = async () => readTracks(await needed(labels!), calibText!, { calib: calib!, labels: labels! });
  return stems.map((stem) => {
    const line = lines[Number(stem)];
    return {
      id: `${sequence}/${stem}`,
      scene: sequence,
      file: path.join(folder, 'velodyne', sequence, `${stem}.bin`),
      pose: poses === null || line === undefined ? null : poses.poseOf(line),
      timestamp: null,
      sensor: SENSOR,
      cameras: () =>
        camerasOf(calib!, {
          stem,
          folderOf: (number) => path.join(folder, `image_0${number}`, sequence),
        }),
      objects: hasLabels
        ? async () => {
            read ??= all();
            return (await read).get(Number(stem)) ?? [];
          }
        : null,
    };
  });
}

/** `frame track class ...`: the rest of a line is that of the objects' benchmark. */
function readTracks(
  text: string,
  calibText: string,
  files: { readonly calib: string; readonly labels: string },
): Map<number, DatasetObject[]> {
  const calibration = readKittiCalibration(calibText, files.calib);
  const objects = new Map<number, DatasetObject[]>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, frame, track, rest] = /^\s*(\d+)\s+(-?\d+)\s+(.*)$/.exec(line) ?? [];
    if (frame === undefined) continue;
    const own = objects.get(Number(frame)) ?? [];
    objects.set(Number(frame), own);
    for (const label of readKittiLabels(rest!, calibration, `${files.labels}:${index + 1}`))
      own.push({ ...label.box, id: track!, class: label.class });
  }
  return objects;
}
