/**
 * A log of Argoverse 2 (sensor data set): `sensors/lidar/TIMESTAMP.feather` in the vehicle's frame,
 * `city_SE3_egovehicle.feather`, `annotations.feather`, `calibration/egovehicle_SE3_sensor.feather`,
 * and the images of its cameras.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArrowTable } from '../../octree/arrow/index.ts';
import { type Pose, quaternionYaw } from '../boxes/index.ts';
import { type Argoverse2Lens, argoverse2Cameras, argoverse2Images } from './cameras/index.ts';
import { badFile, isThere, stemsIn } from './files.ts';
import type { DatasetFrame, DatasetObject } from './frame.ts';

const NANOSECONDS = 1e9;
/** The upper one of its two scanners, which stand on one pole. */
const SCANNER = 'up_lidar';

export async function readArgoverse2(folder: string): Promise<DatasetFrame[] | null> {
  const lidar = path.join(folder, 'sensors', 'lidar');
  const stems = await stemsIn(lidar, '.feather');
  if (stems.length === 0) return null;
  const [poses, mountings, lenses, images] = await Promise.all([
    readPoses(path.join(folder, 'city_SE3_egovehicle.feather')),
    readMountings(path.join(folder, 'calibration', 'egovehicle_SE3_sensor.feather')),
    readLenses(path.join(folder, 'calibration', 'intrinsics.feather')),
    argoverse2Images(folder),
  ]);
  const rig = { lenses, mountings, poses };
  const labels = path.join(folder, 'annotations.feather');
  const hasLabels = await isThere(labels);
  let read: Promise<Map<string, DatasetObject[]>> | undefined;
  const scene = path.basename(path.resolve(folder));
  return stems.map((stem) => ({
    id: stem,
    scene,
    file: path.join(lidar, `${stem}.feather`),
    pose: poses.get(stem) ?? null,
    timestamp: /^\d+$/.test(stem) ? Number(stem) / NANOSECONDS : null,
    sensor: mountings.get(SCANNER)?.position ?? null,
    cameras: async () => argoverse2Cameras(folder, stem, images, rig),
    objects: hasLabels
      ? async () => {
          read ??= readAnnotations(labels);
          return (await read).get(stem) ?? [];
        }
      : null,
  }));
}

async function tableOf(file: string): Promise<ArrowTable | null> {
  if (!(await isThere(file))) return null;
  // Loaded when it is needed: the library is large.
  const { readArrowTable } = await import('../../octree/arrow/index.ts');
  try {
    return await readArrowTable(await readFile(file));
  } catch (cause) {
    throw badFile(file, (cause as Error).message, cause);
  }
}

/** The numbers of a column, and the error that names it if it is missing. */
function column({ numbers }: ArrowTable, name: string, file: string): ArrayLike<number | bigint> {
  const found = numbers.get(name);
  if (found === undefined) throw badFile(file, `has no column ${name}`);
  return found.values;
}

function placesOf(table: ArrowTable, file: string): (row: number) => Pose {
  const [qw, qx, qy, qz, x, y, z] = ['qw', 'qx', 'qy', 'qz', 'tx_m', 'ty_m', 'tz_m'].map((name) =>
    column(table, name, file),
  );
  return (row) => ({
    position: [Number(x![row]), Number(y![row]), Number(z![row])],
    rotation: [Number(qx![row]), Number(qy![row]), Number(qz![row]), Number(qw![row])],
  });
}

/** By the time in nanoseconds, which is the name of a sweep. */
async function readPoses(file: string): Promise<Map<string, Pose>> {
  const table = await tableOf(file);
  if (table === null) return new Map();
  const times = column(table, 'timestamp_ns', file);
  const poseOf = placesOf(table, file);
  return new Map(Array.from({ length: table.rows }, (_, row) => [String(times[row]), poseOf(row)]));
}

/** Where the sensors are on the vehicle, by their names. */
async function readMountings(file: string): Promise<Map<string, Pose>> {
  const table = await tableOf(file);
  const names = table?.words.get('sensor_name') ?? [];
  if (table === null || names.length === 0) return new Map();
  const poseOf = placesOf(table, file);
  return new Map(Array.from(names, (name, row) => [String(name), poseOf(row)]));
}

/** By the names of the cameras. */
async function readLenses(file: string): Promise<Map<string, Argoverse2Lens>> {
  const table = await tableOf(file);
  const names = table?.words.get('sensor_name') ?? [];
  if (table === null || names.length === 0) return new Map();
  const [fx, fy, cx, cy, width, height] = ['fx_px', 'fy_px', 'cx_px', 'cy_px', 'width_px', 'height_px'].map(
    (name) => column(table, name, file),
  );
  const pair = (x: ArrayLike<number | bigint>, y: ArrayLike<number | bigint>, row: number) =>
    [Number(x[row]), Number(y[row])] as const;
  return new Map(
    Array.from(names, (name, row) => [
      String(name),
      { focal: pair(fx!, fy!, row), centre: pair(cx!, cy!, row), size: pair(width!, height!, row) },
    ]),
  );
}

async function readAnnotations(file: string): Promise<Map<string, DatasetObject[]>> {
  const table = (await tableOf(file))!;
  const times = column(table, 'timestamp_ns', file);
  const [length, width, height] = ['length_m', 'width_m', 'height_m'].map((name) =>
    column(table, name, file),
  );
  const [tracks, classes] = ['track_uuid', 'category'].map((name) => table.words.get(name));
  const poseOf = placesOf(table, file);
  const objects = new Map<string, DatasetObject[]>();
  for (let row = 0; row < table.rows; row++) {
    const { position, rotation } = poseOf(row);
    const size = [Number(length![row]), Number(width![row]), Number(height![row])] as const;
    if (!position.every(Number.isFinite) || !size.every((one) => one > 0))
      throw badFile(file, `row ${row} has no valid place and size`);
    const own = objects.get(String(times[row])) ?? [];
    objects.set(String(times[row]), own);
    own.push({
      id: tracks?.[row] ?? null,
      class: classes?.[row] ?? 'other',
      center: position,
      size,
      yaw: quaternionYaw(rotation),
    });
  }
  return objects;
}
