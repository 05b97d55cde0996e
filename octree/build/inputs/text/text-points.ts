/** Points as text, one per line: the ascii forms of PCD and PLY. */
import { BATCH_POINTS, badInput, PointBatch, type PointReadOptions } from '../point-input.ts';
import { textLines } from './text-lines.ts';

export interface TextLayout {
  /** Byte and number of the first line of the points; the number is for messages. */
  readonly start: number;
  readonly firstLine: number;
  /** Lines to skip before the points. */
  readonly skip: number;
  readonly count: number;
  /** Numbers on each line; null if lines differ, and only need those that are read. */
  readonly width: number | null;
  /** Lists among the numbers, by the index of their length. Those before the needed numbers are skipped. */
  readonly lists?: ReadonlySet<number>;
  /** Index of the number in the line. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number | null;
  /** Indices of the attributes' numbers. */
  readonly attributes?: readonly number[];
  /** True if the file ends after the points. */
  readonly last: boolean;
}

/**
 * Empty lines are skipped. `nan`, `inf` and similar words count as numbers; other words are an error. Surplus
 * rows and surplus values in a row are ignored with a warning, as common readers do.
 */
export async function* readTextPoints(
  path: string,
  layout: TextLayout,
  { signal, warn, attributes = false }: PointReadOptions = {},
): AsyncGenerator<PointBatch> {
  const batch = PointBatch.allocate(
    Math.min(BATCH_POINTS, Math.max(layout.count, 1)),
    layout.intensity !== null,
    attributes ? layout.attributes?.length : 0,
  );
  const parse = lineParser(path, attributes ? layout : { ...layout, attributes: [] }, warn);
  let lineNumber = layout.firstLine - 1;
  let seen = -layout.skip;
  let surplus = 0;
  for await (const lines of textLines(path, layout.start, signal)) {
    for (const line of lines) {
      lineNumber++;
      const words = wordsOf(line);
      if (words.length === 0) continue;
      if (seen >= layout.count) {
        if (!layout.last) break;
        surplus++;
        continue;
      }
      if (seen++ < 0) continue;
      parse(words, batch, lineNumber);
      if (batch.count === batch.x.length) {
        yield batch;
        batch.count = 0;
      }
    }
    if (seen >= layout.count && !layout.last) break;
  }
  if (seen < layout.count) {
    throw badInput(
      path,
      `is cut off after line ${lineNumber}: ${Math.max(seen, 0)} of ${layout.count} points are there`,
    );
  }
  if (surplus > 0)
    warn?.(`its header promises ${layout.count} points, ${surplus} more rows follow and are left out`);
  if (batch.count > 0) yield batch;
}

function lineParser(
  path: string,
  { width, x, y, z, intensity, attributes = [], lists }: TextLayout,
  warn: PointReadOptions['warn'],
): (words: readonly string[], batch: PointBatch, line: number) => void {
  let isWarned = false;
  const needed = width ?? Math.max(x, y, z, intensity ?? 0, ...attributes) + 1;
  const number = (words: readonly string[], index: number, line: number) => {
    const value = parseNumber(words[index]!);
    if (value === null)
      throw badInput(path, `line ${line}: ${JSON.stringify(words[index]!.slice(0, 40))} is not a number`);
    return value;
  };
  return (row, batch, line) => {
    const words = lists === undefined ? row : withoutLists(row, lists);
    if (words.length < needed) {
      throw badInput(path, `line ${line}: has ${words.length} values instead of ${needed}`);
    }
    if (width !== null && words.length > width && !isWarned) {
      isWarned = true;
      warn?.(
        `line ${line}: has ${words.length} values, its header names ${width}: the first ${width} are read`,
      );
    }
    const at = batch.count++;
    batch.x[at] = number(words, x, line);
    batch.y[at] = number(words, y, line);
    batch.z[at] = number(words, z, line);
    if (intensity !== null && batch.intensity !== null) batch.intensity[at] = number(words, intensity, line);
    for (let i = 0; i < batch.attributes.length; i++)
      batch.attributes[i]![at] = number(words, attributes[i]!, line);
  };
}

/** Replaces each list by one word, its length. */
function withoutLists(words: readonly string[], lists: ReadonlySet<number>): string[] {
  const properties: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const isList = lists.has(properties.length);
    properties.push(words[at]!);
    if (isList) at += Math.max(0, Number(words[at]!)) || 0;
  }
  return properties;
}

function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** Parses a number as C prints it, including nan and inf; null for anything else. */
export function parseNumber(word: string): number | null {
  const value = Number(word);
  if (!Number.isNaN(value))
    return /^[-+]?[0-9.]/.test(word) && !/^[-+]?0[xob]/i.test(word) ? value : notFinite(word);
  return notFinite(word);
}

/** `1.#QNAN`, `-1.#IND00` and `1.#INF`: as programs of older Microsoft compilers write them. */
function notFinite(word: string): number | null {
  if (/^[-+]?nan(\(.*\))?$/i.test(word) || /^[-+]?1\.?#(Q?NAN|SNAN|IND)\d*$/i.test(word)) return Number.NaN;
  if (/^[-+]?1\.?#INF\d*$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  if (/^[-+]?inf(inity)?$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  return null;
}
