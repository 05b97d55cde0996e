/**
 * KITTI: `label_2/NAME.txt` for each frame, with the `calib/NAME.txt` that belongs to it, and
 * `label_02/tracks.txt` in the form of the tracking benchmark, which alone has object ids. Camera
 * coordinates: x right, y down, z ahead; a label's location is the middle of the BOTTOM face; sizes in the
 * order height, width, length; the heading is (cos ry, 0, -sin ry).
 */

import { wrapAngle } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import {
  type KittiCalibration,
  readKittiCalibration,
  readKittiLabels,
} from '../../../inference/kitti/index.ts';
import type { ExchangeFrame, ExchangeLabel } from '../exchange/index.ts';
import { className } from '../model/index.ts';
import { classFrom, frameOfName, type ImportContext, type TextFile } from './files.ts';
import { importedFrame, importedObject, keptFrame, keptObject } from './imported.ts';
import { classOfWord, classWord, plainWord } from './traits/index.ts';

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

/**
 * A camera where the cloud's origin is, looking along +x: the calibration that we write, and take where none
 * is given.
 */
const CALIBRATION = [
  // All seven lines in the devkit's order: some readers take them by their number.
  ...['P0', 'P1', 'P2', 'P3'].map((camera) => `${camera}: 1 0 0 0 0 1 0 0 0 0 1 0`),
  'R0_rect: 1 0 0 0 1 0 0 0 1',
  'Tr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0',
  'Tr_imu_to_velo: 1 0 0 0 0 1 0 0 0 0 1 0',
  '',
].join('\n');

export function writeKitti(frames: readonly ExchangeFrame[]): TextFile[] {
  const written = frames.map(writeFrame);
  const tracks = written.flatMap(({ lines, trackRegions }, index) => [
    ...lines.map(([id, line]) => `${index} ${asWord(id)} ${line}\n`),
    ...trackRegions.map((line) => `${index} -1 ${line}\n`),
  ]);
  return [
    ...written.flatMap(({ frame, lines, regions, calibration }): TextFile[] => [
      {
        name: `label_2/${frame}.txt`,
        text: [...lines.map(([, line]) => line), ...regions].map((line) => `${line}\n`).join(''),
      },
      { name: `calib/${frame}.txt`, text: calibration },
    ]),
    { name: 'label_02/tracks.txt', text: tracks.join('') },
    { name: 'label_02/frames.txt', text: frames.map(({ frame }) => `${frame}\n`).join('') },
  ];
}

/**
 * The lines of a frame: with the calibration that the frame was imported with, and its `DontCare` regions.
 */
function writeFrame({ frame, labels, kept }: ExchangeFrame) {
  const raw = importedFrame('kitti', kept)?.raw ?? {};
  const calibration = typeof raw.calibration === 'string' ? raw.calibration : CALIBRATION;
  const camera = readKittiCalibration(calibration, `calib/${frame}.txt`);
  return {
    frame,
    calibration,
    lines: labels.map((label) => [label.id!, labelLine(label, camera)] as const),
    regions: textList(raw.regions),
    trackRegions: textList(raw.trackRegions),
  };
}

/** KITTI's ids have no blanks: in our files, ours are escaped as in URLs. */
function asWord(id: string): string {
  return id.replace(/[\s%]/g, encodeURIComponent);
}

function fromWord(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string') : [];
}

/**
 * A line of a label file. An imported one comes back as it was; if its box was moved, its truncation,
 * occlusion and image box stay. Of other boxes they are unknown: KITTI's own words for that are -1, -1 and -1
 * -1 -1 -1.
 */
function labelLine(label: ExchangeLabel, camera: KittiCalibration): string {
  const imported = importedObject('kitti', label);
  const words = typeof imported?.raw.line === 'string' ? imported.raw.line.split(/\s+/) : null;
  const name = words !== null && imported?.isSameClass ? words[0]! : plainWord(classWord(label, NAMES));
  if (words !== null && imported?.isSameBox) return [name, ...words.slice(1)].join(' ');
  const { box } = label;
  const [length, width, height] = box.size;
  const [cx, cy, cz] = box.center;
  const [x, y, z] = toCamera(camera, [cx, cy, cz - height / 2]);
  const [ahead, , side] = rotated(camera, [Math.cos(box.yaw), Math.sin(box.yaw), 0]);
  const turn = Math.atan2(-side, ahead);
  const alpha = wrapAngle(turn - Math.atan2(x, z));
  const [truncated, occluded] = words === null ? ['-1', '-1'] : [words[1]!, words[2]!];
  const image = words === null ? ['-1', '-1', '-1', '-1'] : words.slice(4, 8);
  const score = words === null ? [] : words.slice(15);
  const place = [height, width, length, x, y, z, turn].map((value) => value.toFixed(6));
  return [name, truncated, occluded, alpha.toFixed(6), ...image, ...place, ...score].join(' ');
}

type Xyz = readonly [number, number, number];

function rotated({ rotation: r }: KittiCalibration, [x, y, z]: Xyz): Xyz {
  const row = (k: number) => r[k]! * x + r[k + 1]! * y + r[k + 2]! * z;
  return [row(0), row(3), row(6)];
}

function toCamera(camera: KittiCalibration, place: Xyz): Xyz {
  const [x, y, z] = rotated(camera, place);
  const [sx, sy, sz] = camera.shift;
  return [x + sx, y + sy, z + sz];
}

/** @throws Error that names the file and line that is wrong. */
export function readKitti(files: readonly TextFile[], context: ImportContext): ExchangeFrame[] {
  const own = readKittiCalibration(CALIBRATION, 'calib');
  const calibrations = new Map<string, FrameCalibration>();
  for (const { name, text } of files.filter(isCalibration))
    calibrations.set(calibrationName(name), { text, camera: readKittiCalibration(text, name) });
  const only = calibrations.size === 1 ? [...calibrations.values()][0] : undefined;
  const calibrationOf = (name: string): FrameCalibration =>
    calibrations.get(calibrationName(name)) ?? only ?? { text: null, camera: own };

  const sequences = files.filter(isTracking);
  const tracked = sequences.flatMap((file) => {
    const sequence = sequences.length === 1 ? null : file.name.replace(/^.*\//, '').replace(/\.txt$/, '');
    return readTracks(file, { files, calibrationOf, context, sequence });
  });
  const known = new Set(tracked.map(({ frame }) => frame));
  const alone = files
    .filter((file) => !sequences.includes(file) && (isLabelFile(file) || /label_2\//.test(file.name)))
    .map(({ name, text }) => {
      const calibration = calibrationOf(name);
      return {
        frame: frameOfName(name.replace(/^.*label_2\//, ''), context),
        labels: text
          .split(/\r?\n/)
          .flatMap((line, index) => readLine(null, line, calibration, context, `${name}:${index + 1}`)),
        kept: keptFrame('kitti', { calibration: calibration.text, regions: regionsOf(text) }),
      };
    });
  // Tracks say the same as the files of their frames, and the ids as well.
  return [...tracked, ...alone.filter(({ frame }) => !known.has(frame))];
}

interface FrameCalibration {
  /** null: none was given, and our own is taken. */
  readonly text: string | null;
  readonly camera: KittiCalibration;
}

function regionsOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.startsWith('DontCare'));
}

function readLine(
  id: string | null,
  line: string,
  { camera }: FrameCalibration,
  context: ImportContext,
  where: string,
): ExchangeLabel[] {
  return readKittiLabels(line, camera, where).map((label) => {
    const kind = classOfWord(label.class, context) ?? { class: classFrom(label.class.toLowerCase()) };
    return {
      id,
      box: label.box,
      ...kind,
      score: null,
      state: 'accepted',
      method: 'imported',
      kept: keptObject('kitti', { line: line.trim() }, label.box, className(kind)),
    };
  });
}

interface TracksContext {
  readonly files: readonly TextFile[];
  readonly calibrationOf: (name: string) => FrameCalibration;
  readonly context: ImportContext;
  /** Where there are several sequences: the name of this one. */
  readonly sequence: string | null;
}

function readTracks(
  { name, text }: TextFile,
  { files, calibrationOf, context, sequence }: TracksContext,
): ExchangeFrame[] {
  const list = files.find((file) => file.name.endsWith('frames.txt'))?.text.trim();
  const listed = list === undefined || list === '' ? null : list.split(/\r?\n/);
  const frames = new Map<string, { labels: ExchangeLabel[]; trackRegions: string[] }>();
  const of = (frame: string) => {
    const found = frames.get(frame) ?? { labels: [], trackRegions: [] };
    frames.set(frame, found);
    return found;
  };
  for (const frame of listed ?? []) of(frame);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const parts = /^(\d+)\s+(\S+)\s+(.*)$/.exec(line.trim());
    if (parts === null) continue;
    const [, number, id, rest] = parts as unknown as [string, string, string, string];
    // A frame that is not here has the name that KITTI's sequences give it.
    const ownName = number.padStart(6, '0');
    const frame =
      sequence === null
        ? ((listed ?? context.frames)[Number(number)] ?? ownName)
        : frameOfName(`${sequence}/${ownName}`, context);
    if (rest.startsWith('DontCare')) of(frame).trackRegions.push(rest);
    else
      of(frame).labels.push(
        ...readLine(
          listed === null ? id : fromWord(id),
          rest,
          calibrationOf(listed === null ? name : frame),
          context,
          `${name}:${index + 1}`,
        ),
      );
  }
  return [...frames].map(([frame, { labels, trackRegions }]) => {
    const regions = regionsOf(files.find((file) => file.name.endsWith(`label_2/${frame}.txt`))?.text ?? '');
    const calibration = calibrationOf(listed === null ? name : frame).text;
    return { frame, labels, kept: keptFrame('kitti', { calibration, regions, trackRegions }) };
  });
}

function isCalibration({ text }: TextFile): boolean {
  return /^Tr_velo_(to_)?cam/m.test(text);
}

export function isTracking({ text }: TextFile): boolean {
  return /^\d+ \S+ [A-Za-z]\w*( -?[\d.e+-]+){14,}/m.test(text);
}

export function isLabelFile({ text }: TextFile): boolean {
  return /^[A-Za-z]\w*( -?[\d.e+-]+){14,15}\s*$/m.test(text);
}

/** The frame that a calibration or a label file is about. */
function calibrationName(name: string): string {
  return name.replace(/^.*(calib|label_2)\//, '').replace(/\.txt$/, '');
}
