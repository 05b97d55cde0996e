/** Which format an input has, and what cloud it becomes. */
import path from 'node:path';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { wrongInput } from './point-input.ts';

export const INPUT_FORMATS = ['kitti', 'nuscenes', 'pcd', 'ply', 'las', 'laz'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** The longest ending first: `.pcd.bin` is one ending. */
const ENDINGS: readonly (readonly [string, InputFormat])[] = [
  ['.pcd.bin', 'nuscenes'],
  ['.bin', 'kitti'],
  ['.pcd', 'pcd'],
  ['.ply', 'ply'],
  ['.las', 'las'],
  ['.laz', 'laz'],
];

function endingOf(file: string): readonly [string, InputFormat] | undefined {
  const name = path.basename(file).toLowerCase();
  return ENDINGS.find(([ending]) => name.endsWith(ending));
}

/** Reads a `--format` value. */
export function parseInputFormat(text: string): InputFormat {
  const format = INPUT_FORMATS.find((known) => known === text.toLowerCase());
  if (format === undefined) {
    throw new NearboxError('invalid_request', `format ${text} is not one of ${INPUT_FORMATS.join(', ')}`);
  }
  return format;
}

/** The format that the file's name stands for, in upper or lower case. */
export function guessFormat(file: string): InputFormat {
  const ending = endingOf(file);
  if (ending === undefined) {
    const known = ENDINGS.map(([text]) => text).join(', ');
    throw wrongInput(file, `its format cannot be told from its name (${known}); say it with --format`);
  }
  return ending[1];
}

/** NAME of an input: its base name without its ending; `.pcd.bin` counts as one, an unknown ending ends at the last dot. */
export function cloudName(file: string): string {
  const base = path.basename(file);
  const ending = endingOf(file)?.[0] ?? path.extname(base);
  const name = base.slice(0, base.length - ending.length);
  if (name === '' || name === '.' || name === '..') throw wrongInput(file, 'has no name before its ending');
  // Cloud ids have no segment that begins with a tilde (CONTRACT.md): the tiles' version stands there.
  if (name.startsWith('~')) throw wrongInput(file, 'a cloud may not have a name that begins with ~');
  return name;
}
