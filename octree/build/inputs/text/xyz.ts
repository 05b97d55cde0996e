/**
 * Points as plain text (`.xyz`, `.txt`, `.csv`, `.asc`, `.pts`): one per line, with spaces, tabs, commas or
 * semicolons between the numbers. A first line of names (also after `#` or `//`) names the columns. Without
 * it they are x, y, z and, if there are 4 or 7 columns, the intensity.
 */
import { InputFile } from '../input-file.ts';
import { intensityName } from '../intensity-names.ts';
import {
  BATCH_POINTS,
  badInput,
  PointBatch,
  type PointInput,
  type PointReadOptions,
} from '../point-input.ts';
import { textLines } from './text-lines.ts';
import { parseNumber } from './text-points.ts';

interface XyzLayout {
  /** Lines before the first point. */
  readonly skip: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number | null;
  /** Numbers on the first point's line. */
  readonly width: number;
  readonly unread: readonly string[];
}

const HEAD_BYTES = 64 * 1024;
/** The byte order mark, decoded as Latin-1. */
const BYTE_ORDER_MARK = /^\xEF\xBB\xBF/;
const COMMENT = /^\s*(#|\/\/)/;
/** Column names: x, y, z, intensity; with colours in the form of Leica's PTS. */
const WIDTHS_WITH_INTENSITY = [4, 7];

/** Throws `invalid_request` if no line at the beginning of the file has three numbers. */
export function openXyz(path: string): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const length = Math.min(HEAD_BYTES, file.size);
    const head = Buffer.from(await file.read(0, length))
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const lines = head.split(/\r\n|\n|\r/);
    const layout = layoutOf(lines, path);
    const rows = lines.slice(layout.skip).filter((line) => line.trim() !== '').length;
    return {
      path,
      // An estimate, as if all lines were as long as the first ones.
      count: Math.max(1, Math.round((rows * file.size) / Math.max(length, 1))),
      intensity: layout.intensity === null ? null : 'float64',
      attributes: [],
      unread: layout.unread,
      batches: (options = {}) => readPoints(path, layout, options),
    };
  });
}

function layoutOf(lines: readonly string[], path: string): XyzLayout {
  let names: readonly string[] | null = null;
  for (const [skip, line] of lines.entries()) {
    const words = wordsOf(line.replace(COMMENT, ''));
    const isRow =
      words.length >= 3 && !COMMENT.test(line) && words.every((word) => parseNumber(word) !== null);
    if (!isRow) {
      if (['x', 'y', 'z'].every((axis) => words.some((word) => nameOf(word) === axis)))
        names = words.map(nameOf);
      continue;
    }
    const width = words.length;
    if (names === null || names.length !== width)
      return {
        ...{ skip, x: 0, y: 1, z: 2, width },
        intensity: WIDTHS_WITH_INTENSITY.includes(width) ? 3 : null,
        unread: words
          .map((_, index) => `column ${index + 1}`)
          .slice(WIDTHS_WITH_INTENSITY.includes(width) ? 4 : 3),
      };
    const [x, y, z] = ['x', 'y', 'z'].map((axis) => names!.indexOf(axis)) as [number, number, number];
    const found = intensityName(names);
    const intensity = found === null ? null : names.indexOf(found);
    const unread = names.filter((_, index) => ![x, y, z, intensity].includes(index));
    return { skip, x, y, z, width, intensity, unread };
  }
  throw badInput(path, 'has no line of three numbers or more at its beginning');
}

/** Normalises a name: lower case, without quotes and unit; `"X[m]"` becomes `x`. */
function nameOf(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/["']/g, '')
    .replace(/[[(].*$/, '');
}

function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed === '') return [];
  return trimmed.includes(';') ? trimmed.split(/\s*;\s*/) : trimmed.split(/\s*,\s*|\s+/);
}

async function* readPoints(
  path: string,
  { skip, x, y, z, intensity, width }: XyzLayout,
  { signal, warn }: PointReadOptions,
): AsyncGenerator<PointBatch> {
  const batch = PointBatch.allocate(BATCH_POINTS, intensity !== null);
  let lineNumber = 0;
  let isWarned = false;
  const needed = Math.max(x, y, z, intensity ?? 0) + 1;
  const number = (words: readonly string[], index: number) => {
    const value = parseNumber(words[index]!);
    if (value === null)
      throw badInput(
        path,
        `line ${lineNumber}: ${JSON.stringify(words[index]!.slice(0, 40))} is not a number`,
      );
    return value;
  };
  for await (const lines of textLines(path, 0, signal)) {
    for (const raw of lines) {
      const line = lineNumber === 0 ? raw.replace(BYTE_ORDER_MARK, '') : raw;
      if (++lineNumber <= skip || COMMENT.test(line)) continue;
      const words = wordsOf(line);
      if (words.length === 0) continue;
      if (words.length < needed)
        throw badInput(path, `line ${lineNumber}: has ${words.length} values instead of ${width}`);
      if (words.length !== width && !isWarned) {
        isWarned = true;
        warn?.(`line ${lineNumber}: has ${words.length} values, the first point has ${width}`);
      }
      const at = batch.count++;
      batch.x[at] = number(words, x);
      batch.y[at] = number(words, y);
      batch.z[at] = number(words, z);
      if (intensity !== null) batch.intensity![at] = number(words, intensity);
      if (batch.count < BATCH_POINTS) continue;
      yield batch;
      batch.count = 0;
    }
  }
  if (batch.count > 0) yield batch;
}
