/** The id of the cloud that an input becomes. */
import path from 'node:path';
import { cloudIdProblem } from '../../versions/index.ts';
import { endingOf } from './format.ts';
import { wrongInput } from './point-input.ts';

/** How often escapes are decoded: an escape may contain another one (`%2520`). */
const MOST_DECODINGS = 4;
/** Endings that other readers would take for a COPC file. */
const COPC_ENDING = /\.copc\.laz$/i;

/**
 * Returns NAME of an input: its base name without the ending. `.pcd.bin` is one ending; an unknown ending
 * begins at the last dot. Characters that a cloud id cannot have are replaced: percent escapes are decoded;
 * control characters, backslashes, slashes and a colon after a scheme become `-`; tildes at the start are
 * removed. Throws `invalid_request` if nothing is left.
 */
export function cloudName(file: string): string {
  const base = path.basename(file);
  const ending = endingOf(file)?.[0] ?? path.extname(base);
  const name = asSegment(base.slice(0, base.length - ending.length));
  if (name === '' || name === '.' || name === '..')
    throw wrongInput(file, 'has no name before its ending: rename it');
  const problem = cloudIdProblem(name);
  if (problem !== null) throw wrongInput(file, `its name cannot be a cloud id: ${problem}; rename it`);
  return name;
}

/** True if NAME differs from the file name without its ending. */
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
