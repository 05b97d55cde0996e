/** The id of the cloud that an input becomes. */
import path from 'node:path';
import { cloudIdProblem } from '../../versions/index.ts';
import { endingOf } from './format.ts';
import { wrongInput } from './point-input.ts';

/** An escape may stand for another one (`%2520`). */
const MOST_DECODINGS = 4;
/** What other readers would take for a COPC file. */
const COPC_ENDING = /\.copc\.laz$/i;

/**
 * NAME of an input: its base name without its ending; `.pcd.bin` counts as one, an unknown ending begins at
 * the last dot. What a cloud id cannot have is replaced: percent escapes by what they stand for, control
 * characters, backslashes, slashes and a colon behind a scheme by `-`; tildes at the front are left out.
 * Throws `invalid_request` if nothing is left.
 */
export function cloudName(file: string): string {
  const base = path.basename(file);
  const ending = endingOf(file)?.[0] ?? path.extname(base);
  const name = asSegment(base.slice(0, base.length - ending.length));
  if (name === '' || name === '.' || name === '..') throw wrongInput(file, 'has no name before its ending');
  const problem = cloudIdProblem(name);
  if (problem !== null) throw wrongInput(file, `its name cannot be a cloud id: ${problem}; rename it`);
  return name;
}

/** True if NAME is not simply the file's name without its ending. */
export function isRenamed(file: string): boolean {
  return !path.basename(file).startsWith(cloudName(file));
}

function asSegment(name: string): string {
  return withoutEscapes(name)
    .replaceAll(/[\p{Cc}\\/]/gu, '-')
    .replace(/^([A-Za-z][A-Za-z0-9+.-]*):/, '$1-')
    .replace(COPC_ENDING, '-copc.laz')
    .replace(/^~+/, '');
}

function withoutEscapes(name: string): string {
  let decoded = name;
  for (let round = 0; round < MOST_DECODINGS && /%[0-9a-f]{2}/i.test(decoded); round++) {
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      break;
    }
  }
  return decoded.replaceAll(/%(?=[0-9a-f]{2})/gi, '-');
}
