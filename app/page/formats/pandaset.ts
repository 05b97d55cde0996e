/**
 * PandaSet: for each frame of a sequence a pickled table of cuboids, `annotations/cuboids/NN.pkl.gz`, which
 * its devkit opens by the order of the names. Places are those of the world; with `lidar/poses.json` they are
 * brought into the scanner's frame, in which `nearbox build` puts the points as well. A yaw of 0 looks along
 * +y, `dimensions` are width, length and height.
 */

import {
  type Box,
  IDENTITY_POSE,
  inversePose,
  type Pose,
  transformBox,
  wrapAngle,
} from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import {
  gunzip,
  gzip,
  isGzip,
  type PandasTable,
  type PandasValue,
  readPandasPickle,
  writePandasPickle,
} from '../../../octree/pandas/index.ts';
import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import { className, isRecord } from '../model/index.ts';
import {
  classFrom,
  finiteNumbers,
  frameOfName,
  type ImportContext,
  type PackedFile,
  packed,
  tidy,
} from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject, rawOf } from './imported.ts';
import { classWord, readTraits } from './traits/index.ts';

const NAMES: Readonly<Record<ObjectClass, string>> = {
  car: 'Car',
  van: 'Other Vehicle - Uncommon',
  truck: 'Medium-sized Truck',
  bus: 'Bus',
  pickup: 'Pickup Truck',
  pedestrian: 'Pedestrian',
  cyclist: 'Bicycle',
  motorcyclist: 'Motorcycle',
  other: 'Other Vehicle - Uncommon',
};

/** What the devkit's tables have, and what a box of ours says there. */
const DEFAULTS: Readonly<Record<string, PandasValue>> = {
  uuid: '',
  label: '',
  yaw: 0,
  stationary: false,
  camera_used: -1,
  'position.x': 0,
  'position.y': 0,
  'position.z': 0,
  'dimensions.x': 0,
  'dimensions.y': 0,
  'dimensions.z': 0,
  'attributes.object_motion': null,
  'cuboids.sibling_id': '-',
  'cuboids.sensor_id': -1,
};
/** Columns of our own, written where PandaSet's cannot say it. */
const CLASS = 'nearbox.class';
const OWN_CLASS = 'nearbox.own_class';
/** As JSON. */
const ATTRIBUTES = 'nearbox.attributes';
const STATE = 'nearbox.state';
const SCORE = 'nearbox.score';
const OWN_COLUMNS = [CLASS, OWN_CLASS, ATTRIBUTES, STATE, SCORE];

const CUBOIDS = 'annotations/cuboids/';
const POSES = 'lidar/poses.json';
const TIMESTAMPS = 'lidar/timestamps.json';
/** Our own: the clouds' ids, which the numbers of the files do not say. */
const IDS = 'meta/nearbox-frames.json';
const MAX_UNPACKED_BYTES = 256 * 2 ** 20;

/** True for a file of cuboids. */
export function isCuboids({ name }: PackedFile): boolean {
  return /\.pkl(\.gz)?$/i.test(name);
}

/** True for the JSON files of a sequence, which alone say nothing of boxes. */
export function isSequenceFile({ name }: { readonly name: string }): boolean {
  return /(^|\/)(lidar|camera\/[^/]+|meta)\/[^/]+\.json$/.test(name);
}

type ExportedRow = Readonly<Record<string, PandasValue>>;

export async function writePandaSet(frames: readonly ExchangeFrame[]): Promise<PackedFile[]> {
  const width = Math.max(2, String(frames.length - 1).length);
  const cuboids = frames.map(async (frame, index): Promise<PackedFile> => {
    const rows = frame.labels.map((label) => writeRow(label, poseOf(frame)?.pose ?? IDENTITY_POSE));
    const names = new Set([...Object.keys(DEFAULTS), ...rows.flatMap((row) => Object.keys(row))]);
    const columns = new Map(
      [...names].map((name) => [name, rows.map((row) => row[name] ?? DEFAULTS[name] ?? null)]),
    );
    return {
      name: `${CUBOIDS}${String(index).padStart(width, '0')}.pkl.gz`,
      bytes: await gzip(writePandasPickle(columns)),
    };
  });
  const poses = frames.map(poseOf);
  const times = frames.map(({ kept }) => rawOf(kept)?.timestamp);
  return [
    ...(await Promise.all(cuboids)),
    ...(frames.length > 0 && poses.every((pose) => pose !== null)
      ? [packed(POSES, JSON.stringify(poses.map(({ written }) => written)))]
      : []),
    ...(frames.length > 0 && times.every((time) => typeof time === 'number')
      ? [packed(TIMESTAMPS, JSON.stringify(times))]
      : []),
    packed(IDS, JSON.stringify(frames.map(({ frame }) => frame))),
  ];
}

function writeRow(label: ExchangeLabel, pose: Pose): ExportedRow {
  const imported = importedObject('pandaset', label);
  const raw = (imported?.raw.row ?? {}) as ExportedRow;
  const name = imported?.isSameClass ? String(raw.label) : classWord(label, NAMES);
  const { center, size, yaw } = transformBox(pose, label.box);
  const others = Object.entries(raw).filter(([column]) => !OWN_COLUMNS.includes(column));
  return {
    ...Object.fromEntries(others),
    uuid: label.id!,
    label: name,
    ...(imported?.isSameBox
      ? {}
      : {
          yaw: tidy(wrapAngle(yaw - Math.PI / 2)),
          'position.x': tidy(center[0]),
          'position.y': tidy(center[1]),
          'position.z': tidy(center[2]),
          'dimensions.x': tidy(size[1]),
          'dimensions.y': tidy(size[0]),
          'dimensions.z': tidy(size[2]),
        }),
    ...(classFrom(name) === label.class ? {} : { [CLASS]: label.class }),
    ...(label.ownClass === undefined ? {} : { [OWN_CLASS]: label.ownClass }),
    ...(label.attributes === undefined ? {} : { [ATTRIBUTES]: JSON.stringify(label.attributes) }),
    ...(label.state === 'accepted' ? {} : { [STATE]: label.state }),
    ...(label.score === null ? {} : { [SCORE]: tidy(label.score) }),
  };
}

/** The frame's pose and how PandaSet writes it; null if it has none. */
function poseOf({ kept }: ExchangeFrame): { readonly pose: Pose; readonly written: unknown } | null {
  const raw = rawOf(kept)?.pose;
  const own = importedFrame('pandaset', kept) === null ? null : readPose(raw);
  if (own !== null) return { pose: own, written: raw };
  if (!isRecord(raw)) return null;
  const [position, rotation] = [finiteNumbers(raw.position, 3), finiteNumbers(raw.rotation, 4)];
  if (position === null || rotation === null) return null;
  const [x, y, z] = position as [number, number, number];
  const [qx, qy, qz, qw] = rotation as [number, number, number, number];
  return {
    pose: { position: [x, y, z], rotation: [qx, qy, qz, qw] },
    written: { position: { x, y, z }, heading: { w: qw, x: qx, y: qy, z: qz } },
  };
}

/** A pose as `lidar/poses.json` has it. */
function readPose(value: unknown): Pose | null {
  if (!isRecord(value) || !isRecord(value.position) || !isRecord(value.heading)) return null;
  const { position: p, heading: h } = value;
  const [position, rotation] = [finiteNumbers([p.x, p.y, p.z], 3), finiteNumbers([h.x, h.y, h.z, h.w], 4)];
  if (position === null || rotation === null) return null;
  return {
    position: position as [number, number, number],
    rotation: rotation as [number, number, number, number],
  };
}

/** @throws Error that names the file that is wrong. */
export async function readPandaSet(
  files: readonly PackedFile[],
  context: ImportContext,
): Promise<ExchangeFrame[]> {
  const tables = files.filter(isCuboids).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const counts = new Map<string, number>();
  const frames: ExchangeFrame[] = [];
  for (const file of tables) {
    const { sequence, name } = placeOf(file.name);
    const index = counts.get(sequence) ?? 0;
    counts.set(sequence, index + 1);
    const listed = (list: string) => entryOf(files, `${sequence}${list}`, index);
    const id = listed(IDS);
    const rawPose = listed(POSES);
    const toFrame = inversePose(readPose(rawPose) ?? IDENTITY_POSE);
    const timestamp = listed(TIMESTAMPS);
    frames.push({
      frame: typeof id === 'string' ? id : frameOfName(`${sequence}${name}`, context),
      labels: await readCuboids(file, toFrame, context),
      kept: keptFrame('pandaset', {
        ...(rawPose === undefined ? {} : { pose: rawPose }),
        ...(timestamp === undefined ? {} : { timestamp }),
      }),
    });
  }
  return frames;
}

/** The sequence's folder, with a slash behind it, and the frame's name in it. */
function placeOf(file: string): { readonly sequence: string; readonly name: string } {
  const plain = file.replace(/\.pkl(\.gz)?$/i, '');
  const at = plain.lastIndexOf(CUBOIDS);
  return at === -1
    ? { sequence: '', name: plain }
    : { sequence: plain.slice(0, at), name: plain.slice(at + CUBOIDS.length) };
}

/** The entry of a frame in one of the sequence's lists. */
function entryOf(files: readonly PackedFile[], name: string, index: number): unknown {
  const file = files.find((one) => one.name === name);
  if (file === undefined) return undefined;
  const list = JSON.parse(new TextDecoder().decode(file.bytes)) as unknown;
  return Array.isArray(list) ? list[index] : undefined;
}

async function readCuboids(
  { name, bytes }: PackedFile,
  toFrame: Pose,
  context: ImportContext,
): Promise<ExchangeLabel[]> {
  try {
    const plain = isGzip(bytes) ? await gunzip(bytes, MAX_UNPACKED_BYTES) : bytes;
    return rowsOf(readPandasPickle(plain)).map((row, index) => readRow(row, toFrame, context, index));
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

function rowsOf({ rows, columns }: PandasTable): ExportedRow[] {
  return Array.from({ length: rows }, (_, index) =>
    Object.fromEntries([...columns].map(([name, column]) => [name, plainValue(column[index])])),
  );
}

/** As JSON keeps it. */
function plainValue(value: unknown): PandasValue {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isNaN(value) ? null : value;
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function readRow(row: ExportedRow, toFrame: Pose, context: ImportContext, index: number): ExchangeLabel {
  const xyz = (what: string) => finiteNumbers([row[`${what}.x`], row[`${what}.y`], row[`${what}.z`]], 3);
  const [center, size] = [xyz('position'), xyz('dimensions')];
  if (center === null || !size?.every((length) => length > 0) || typeof row.yaw !== 'number')
    throw new Error(`row ${index} has no valid position, dimensions and yaw`);
  const world: Box = {
    center: center as [number, number, number],
    size: [size[1]!, size[0]!, size[2]!],
    yaw: wrapAngle(row.yaw + Math.PI / 2),
  };
  const box = transformBox(toFrame, world);
  const traits = readTraits(
    { name: row.label, like: row[CLASS] ?? undefined, ownClass: row[OWN_CLASS] },
    attributesOf(row[ATTRIBUTES]),
    context,
  );
  const { uuid } = row;
  const score = row[SCORE];
  return {
    id: typeof uuid === 'string' && uuid !== '' ? uuid : null,
    box,
    ...traits,
    score: typeof score === 'number' ? score : null,
    state: row[STATE] === 'draft' ? 'draft' : 'accepted',
    method: 'imported',
    kept: keptObject('pandaset', { row }, box, className(traits)),
  };
}

function attributesOf(text: PandasValue | undefined): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
