/**
 * KITTI: `label_2/NAME.txt` for each frame, with the `calib/NAME.txt` that belongs to it, and `label_02/tracks.txt` in the form of the tracking
 * benchmark, which alone has object ids. Camera coordinates: x right, y down, z ahead; a label's location is the middle of the BOTTOM
 * face; sizes in the order height, width, length; the heading is (cos ry, 0, -sin ry).
 */
import { type Box, wrapAngle } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import {
  type KittiCalibration,
  readKittiCalibration,
  readKittiLabels,
} from '../../../inference/kitti/index.ts';
import {
  classFrom,
  type ExchangeFrame,
  type ExchangeLabel,
  frameOfName,
  type ImportContext,
  type TextFile,
} from './exchange.ts';

const NAMES: Readonly<Record<ObjectClass, string>> = {
  car: 'Car',
  van: 'Van',
  truck: 'Truck',
  bus: 'Bus',
  pickup: 'Pickup',
  pedestrian: 'Pedestrian',
  cyclist: 'Cyclist',
  motorcyclist: 'Motorcyclist',
  other: 'Misc',
};

/** A camera where the cloud's origin is, looking along +x: the calibration that we write, and take where none is given. */
const CALIBRATION = [
  'P2: 1 0 0 0 0 1 0 0 0 0 1 0',
  'R0_rect: 1 0 0 0 1 0 0 0 1',
  'Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0',
  '',
].join('\n');

export function writeKitti(frames: readonly ExchangeFrame[]): TextFile[] {
  const files = frames.flatMap(({ frame, labels }): TextFile[] => [
    { name: `label_2/${frame}.txt`, text: labels.map((label) => `${labelLine(label)}\n`).join('') },
    { name: `calib/${frame}.txt`, text: CALIBRATION },
  ]);
  const tracks = frames.flatMap(({ labels }, index) =>
    labels.map((label) => `${index} ${label.id} ${labelLine(label)}\n`),
  );
  return [
    ...files,
    { name: 'label_02/tracks.txt', text: tracks.join('') },
    { name: 'label_02/frames.txt', text: frames.map(({ frame }) => `${frame}\n`).join('') },
  ];
}

/** Truncation, occlusion and the image box are unknown here: KITTI's own words for that are -1, -1 and -1 -1 -1 -1. */
function labelLine({ box, ...label }: ExchangeLabel): string {
  const [length, width, height] = box.size;
  const x = -box.center[1];
  const y = -(box.center[2] - height / 2);
  const z = box.center[0];
  const turn = wrapAngle(-box.yaw - Math.PI / 2);
  const alpha = wrapAngle(turn - Math.atan2(x, z));
  const numbers = [alpha, -1, -1, -1, -1, height, width, length, x, y, z, turn];
  return [NAMES[label.class], -1, -1, ...numbers.map(decimals)].join(' ');
}

function decimals(value: number): string {
  return value === -1 ? '-1' : value.toFixed(6);
}

/** @throws Error that names the file and line that is wrong. */
export function readKitti(files: readonly TextFile[], context: ImportContext): ExchangeFrame[] {
  const own = readKittiCalibration(CALIBRATION, 'calib');
  const calibrations = new Map<string, KittiCalibration>();
  for (const { name, text } of files.filter(isCalibration))
    calibrations.set(lastPart(name), readKittiCalibration(text, name));
  const only = calibrations.size === 1 ? [...calibrations.values()][0] : undefined;
  const calibrationOf = (name: string) => calibrations.get(lastPart(name)) ?? only ?? own;

  const tracks = files.find(isTracking);
  if (tracks !== undefined) return readTracks(tracks, files, calibrationOf(tracks.name), context);
  return files.filter(isLabelFile).map(({ name, text }) => ({
    frame: frameOfName(name.replace(/^.*label_2\//, ''), context),
    labels: readKittiLabels(text, calibrationOf(name), name).map((label) =>
      exchanged(null, label.class, label.box),
    ),
  }));
}

function readTracks(
  { name, text }: TextFile,
  files: readonly TextFile[],
  calibration: KittiCalibration,
  context: ImportContext,
): ExchangeFrame[] {
  const listed =
    files
      .find((file) => file.name.endsWith('frames.txt'))
      ?.text.trim()
      .split(/\r?\n/) ?? context.frames;
  const frames = new Map<string, ExchangeLabel[]>(
    listed === context.frames ? [] : listed.map((frame) => [frame, []]),
  );
  for (const line of text.split(/\r?\n/)) {
    const parts = /^(\d+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    if (parts === null) continue;
    const frame = listed[Number(parts[1])] ?? context.currentFrame;
    const labels = readKittiLabels(parts[3]!, calibration, name);
    const list = frames.get(frame) ?? [];
    frames.set(frame, [...list, ...labels.map((label) => exchanged(parts[2]!, label.class, label.box))]);
  }
  return [...frames].map(([frame, labels]) => ({ frame, labels }));
}

function exchanged(id: string | null, name: string, box: Box): ExchangeLabel {
  return {
    id,
    box,
    class: classFrom(name.toLowerCase()),
    score: null,
    state: 'accepted',
    method: 'imported',
  };
}

function isCalibration({ text }: TextFile): boolean {
  return /^Tr_velo_(to_)?cam/m.test(text);
}

function isTracking({ text }: TextFile): boolean {
  return /^\d+ -?\w+ [A-Za-z]\w*( -?[\d.]+){14,}/m.test(text);
}

export function isLabelFile({ text }: TextFile): boolean {
  return /^[A-Za-z]\w*( -?[\d.e+-]+){14,15}\s*$/m.test(text);
}

function lastPart(name: string): string {
  return name
    .replace(/^.*(calib|label_2)\//, '')
    .split('/')
    .at(-1)!;
}
