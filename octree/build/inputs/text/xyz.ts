/**
 * Points as plain text (`.xyz`, `.txt`, `.csv`, `.asc`, `.pts`): one per line, with spaces, tabs, commas,
 * semicolons or vertical bars between the numbers. A first line of names (also after `#` or `//`) names the
 * columns. Without it they are x, y, z and, if there are 4, 5 or 7 columns, the intensity.
 */
import { type InputAttribute, intensityName, knownDimensions } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';
import {
  BATCH_POINTS,
  badInput,
  PointBatch,
  type PointInput,
  type PointReadOptions,
} from '../point-input.ts';
import { axesIn, columnNames } from './column-names.ts';
import { refuseWideText } from './header-lines.ts';
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
  /** The number of points that the first line says (`.pts`); null: it says none. */
  readonly promised: number | null;
  /** The other columns, by their indices. */
  readonly others: readonly (InputAttribute & { readonly column: number })[];
}

const HEAD_BYTES = 64 * 1024;
/** The byte order mark, decoded as Latin-1. */
const BYTE_ORDER_MARK = /^\xEF\xBB\xBF/;
const COMMENT = /^\s*(#|\/\/)/;
/** `1,5 2,5`, `1,5;2,5` and `1,5|2,5`; as separators, commas are not used beside others. */
const DECIMAL_COMMAS = /\d,\d+(\s*[;|]\s*|\s+)[-+]?\d+,\d/;
/** Column names: x, y, z, intensity; with colours in the form of Leica's PTS. */
const WIDTHS_WITH_INTENSITY = [4, 5, 7];
const WIDTHS_WITH_COLOUR = [6, 7];

/** Throws `invalid_request` if no line at the beginning of the file has three numbers. */
export function openXyz(path: string): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const length = Math.min(HEAD_BYTES, file.size);
    const bytes = Buffer.from(await file.read(0, length));
    refuseWideText(bytes, path);
    const head = bytes.toString('utf8').replace(/^\uFEFF/, '');
    const lines = head.split(/\r\n|\n|\r/);
    const layout = layoutOf(lines, path);
    const rows = lines.slice(layout.skip).filter((line) => line.trim() !== '').length;
    return knownDimensions({
      path,
      // An estimate, as if all lines were as long as the first ones.
      count: Math.max(1, Math.round((rows * file.size) / Math.max(length, 1))),
      intensity: layout.intensity === null ? null : 'float64',
      attributes: layout.others,
      batches: (options = {}) => readPoints(path, layout, options),
    });
  });
}

function layoutOf(lines: readonly string[], path: string): XyzLayout {
  /** Names of columns, by each separator that their line can have. */
  let named: readonly (readonly string[])[] = [];
  let namedLine = '';
  /** Words in front of the points that may be names of columns, but not of x, y and z. */
  let strange: readonly string[] | null = null;
  const promised = promisedBy(lines);
  for (const [skip, line] of lines.entries()) {
    if (DECIMAL_COMMAS.test(line))
      throw badInput(path, `line ${skip + 1}: has decimal commas: write its numbers with points`);
    const words = wordsOf(line.replace(COMMENT, ''));
    const isRow =
      words.length >= 3 && !COMMENT.test(line) && words.every((word) => parseNumber(word) !== null);
    if (!isRow) {
      const candidates = columnNames(line.replace(COMMENT, ''));
      if (candidates.length > 0) [named, namedLine] = [candidates, line];
      else if (!COMMENT.test(line)) strange = words;
      continue;
    }
    const width = words.length;
    const names = named.find(({ length }) => length === width);
    // A comment may have the names of the axes in a sentence.
    if (names === undefined && named.length > 0 && !COMMENT.test(namedLine))
      throw badInput(
        path,
        `line ${skip + 1}: has ${width} values for ${named[0]!.length} names of columns: ${namedLine.trim().slice(0, 200)}`,
      );
    if (names === undefined && strange?.length === width)
      throw badInput(
        path,
        `its columns are named ${strange.slice(0, 20).join(', ')}: name those of the coordinates x, y and z`,
      );
    if (names === undefined)
      return {
        ...{ skip, x: 0, y: 1, z: 2, width, promised },
        intensity: WIDTHS_WITH_INTENSITY.includes(width) ? 3 : null,
        others: unnamedColumns(lines.slice(skip), width),
      };
    const [x, y, z] = axesIn(names)!;
    const found = intensityName(names);
    const intensity = found === null ? null : names.indexOf(found);
    const others = names.flatMap((name, column) =>
      [x, y, z, intensity].includes(column) ? [] : [{ name, type: 'float64' as const, column }],
    );
    return { skip, x, y, z, width, promised, intensity, others };
  }
  throw badInput(path, 'has no line of three numbers or more at its beginning');
}

/** The first line that is no comment, where it is a lone whole number: `.pts` has the number of points there. */
function promisedBy(lines: readonly string[]): number | null {
  const first = lines.find((line) => !COMMENT.test(line) && line.trim() !== '')?.trim() ?? '';
  return /^\d{1,15}$/.test(first) ? Number(first) : null;
}

/** Colours are the last three columns, if all of their values are bytes. */
function unnamedColumns(lines: readonly string[], width: number): XyzLayout['others'] {
  const first = WIDTHS_WITH_INTENSITY.includes(width) ? 4 : 3;
  const rows = lines
    .slice(0, -1)
    .filter((line) => !COMMENT.test(line))
    .map(wordsOf);
  const isByte = (word: string | undefined) =>
    word !== undefined && /^\d{1,3}$/.test(word) && Number(word) < 256;
  const areColours =
    WIDTHS_WITH_COLOUR.includes(width) &&
    rows.length > 0 &&
    rows.every((words) => words.length === 0 || words.slice(width - 3, width).every(isByte));
  return Array.from({ length: width - first }, (_, index) => ({
    name: `column ${first + index + 1}`,
    type: 'float64',
    column: first + index,
    ...(areColours && { meaning: ['red', 'green', 'blue'][index + first - (width - 3)]! }),
  }));
}

function wordsOf(line: string): string[] {
  // Some programs write a separator behind the last number, too.
  const trimmed = line.trim().replace(/\s*[;,|]$/, '');
  if (trimmed === '') return [];
  if (trimmed.includes(';')) return trimmed.split(/\s*;\s*/);
  return trimmed.includes('|') ? trimmed.split(/\s*\|\s*/) : trimmed.split(/\s*,\s*|\s+/);
}

async function* readPoints(
  path: string,
  { skip, x, y, z, intensity, width, promised, others }: XyzLayout,
  { signal, warn, attributes = false }: PointReadOptions,
): AsyncGenerator<PointBatch> {
  const more = attributes ? others.map(({ column }) => column) : [];
  const batch = PointBatch.allocate(BATCH_POINTS, intensity !== null, more.length);
  let lineNumber = 0;
  let seen = 0;
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
      seen++;
      const at = batch.count++;
      batch.x[at] = number(words, x);
      batch.y[at] = number(words, y);
      batch.z[at] = number(words, z);
      if (intensity !== null) batch.intensity![at] = number(words, intensity);
      // Lines may have fewer columns than the first one.
      for (let i = 0; i < more.length; i++)
        batch.attributes[i]![at] = more[i]! < words.length ? number(words, more[i]!) : 0;
      if (batch.count < BATCH_POINTS) continue;
      yield batch;
      batch.count = 0;
    }
  }
  if (promised !== null && seen < promised)
    throw badInput(path, `is cut off after line ${lineNumber}: ${seen} of ${promised} points are there`);
  if (promised !== null && seen > promised)
    warn?.(`its first line promises ${promised} points, ${seen} follow: all are read`);
  if (batch.count > 0) yield batch;
}
