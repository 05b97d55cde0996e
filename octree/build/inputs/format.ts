/** Finds the format of an input. */
import path from 'node:path';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { FEWEST_FLOATS, MOST_FLOATS } from './floats/index.ts';
import { wrongInput } from './point-input.ts';

export const INPUT_FORMATS = [
  'kitti',
  'nuscenes',
  'pcd',
  'ply',
  'las',
  'laz',
  'npy',
  'xyz',
  'feather',
  'pandas',
  'mcap',
  'e57',
] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number] | `f32:${number}`;

/** The longest ending first: `.pcd.bin` is one ending. */
const ENDINGS: readonly (readonly [string, InputFormat])[] = [
  ['.pcd.bin', 'nuscenes'],
  ['.bin', 'kitti'],
  ['.pcd', 'pcd'],
  ['.ply', 'ply'],
  ['.las', 'las'],
  ['.laz', 'laz'],
  ['.npy', 'npy'],
  ['.xyz', 'xyz'],
  ['.txt', 'xyz'],
  ['.csv', 'xyz'],
  ['.asc', 'xyz'],
  ['.pts', 'xyz'],
  ['.mcap', 'mcap'],
  ['.e57', 'e57'],
  ['.feather', 'feather'],
  ['.pkl.gz', 'pandas'],
  ['.pkl', 'pandas'],
];
/** Endings that usually have another meaning: in a folder such files are skipped. */
const UNSURE = ['.txt', '.csv', '.asc', '.feather', '.pkl.gz', '.pkl'];

/** The ending of the name, in lower case, and its format. */
export function endingOf(file: string): readonly [string, InputFormat] | undefined {
  const name = path.basename(file).toLowerCase();
  return ENDINGS.find(([ending]) => name.endsWith(ending));
}

/** True if the file name shows that the file has points. */
export function isPointFile(file: string): boolean {
  const [ending] = endingOf(file) ?? [];
  return ending !== undefined && !UNSURE.includes(ending);
}

/** True if the file may hold several clouds. */
export function holdsSeveral(file: string): boolean {
  return endingOf(file)?.[1] === 'mcap';
}

/** True if the file name determines the format, provided that the file has points. */
export function hasKnownEnding(file: string): boolean {
  return endingOf(file) !== undefined;
}

/** Parses a `--format` value: a name, or `f32:N` for N little-endian float32 values per point. */
export function parseInputFormat(text: string): InputFormat {
  const format = INPUT_FORMATS.find((known) => known === text.toLowerCase());
  if (format !== undefined) return format;
  const floats = floatsOf(text.toLowerCase());
  if (floats !== null) return `f32:${floats}`;
  throw new NearboxError(
    'invalid_request',
    `format ${text} is not one of ${INPUT_FORMATS.join(', ')} or f32:N (N floats a point, ${FEWEST_FLOATS} to ${MOST_FLOATS})`,
  );
}

/** The N of `f32:N`; null for other formats. */
export function floatsOf(format: string): number | null {
  const floats = Number(/^f32:(\d{1,3})$/.exec(format)?.[1] ?? Number.NaN);
  return floats >= FEWEST_FLOATS && floats <= MOST_FLOATS ? floats : null;
}

/** The format by the file name; upper and lower case are equal. */
export function guessFormat(file: string): InputFormat {
  const ending = endingOf(file);
  if (ending === undefined) {
    const known = ENDINGS.map(([text]) => text).join(', ');
    throw wrongInput(file, `its format cannot be told from its name (${known}); say it with --format`);
  }
  return ending[1];
}
