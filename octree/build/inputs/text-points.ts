/** Points written as text, one on each line: the ascii forms of PCD and PLY. */
import { BATCH_POINTS, badInput, PointBatch } from './point-input.ts';
import { textLines } from './text-lines.ts';

export interface TextLayout {
  /** Byte at which the first of the points' lines begins, and that line's number, for messages. */
  readonly start: number;
  readonly firstLine: number;
  /** Lines to pass over before the points. */
  readonly skip: number;
  readonly count: number;
  /** Numbers on each line; null where lines differ, and need only have those that are asked for. */
  readonly width: number | null;
  /** Which number of the line it is. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly intensity: number | null;
  /** True if nothing but empty lines may follow. */
  readonly last: boolean;
}

/** Empty lines are passed over. `nan`, `inf` and their like are numbers here; words are an error. */
export async function* readTextPoints(
  path: string,
  layout: TextLayout,
  signal?: AbortSignal,
): AsyncGenerator<PointBatch> {
  const batch = PointBatch.allocate(
    Math.min(BATCH_POINTS, Math.max(layout.count, 1)),
    layout.intensity !== null,
  );
  const parse = lineParser(path, layout);
  let lineNumber = layout.firstLine - 1;
  let seen = -layout.skip;
  for await (const lines of textLines(path, layout.start, signal)) {
    for (const line of lines) {
      lineNumber++;
      const words = wordsOf(line);
      if (words.length === 0) continue;
      if (seen >= layout.count) {
        if (!layout.last) break;
        throw badInput(
          path,
          `line ${lineNumber}: the header promises ${layout.count} points, here is another`,
        );
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
  if (batch.count > 0) yield batch;
}

function lineParser(
  path: string,
  { width, x, y, z, intensity }: TextLayout,
): (words: readonly string[], batch: PointBatch, line: number) => void {
  const needed = width ?? Math.max(x, y, z, intensity ?? 0) + 1;
  const number = (words: readonly string[], index: number, line: number) => {
    const value = parseNumber(words[index]!);
    if (value === null)
      throw badInput(path, `line ${line}: ${JSON.stringify(words[index]!.slice(0, 40))} is no number`);
    return value;
  };
  return (words, batch, line) => {
    if (words.length < needed || (width !== null && words.length > width)) {
      throw badInput(path, `line ${line}: has ${words.length} values instead of ${needed}`);
    }
    const at = batch.count++;
    batch.x[at] = number(words, x, line);
    batch.y[at] = number(words, y, line);
    batch.z[at] = number(words, z, line);
    if (intensity !== null && batch.intensity !== null) batch.intensity[at] = number(words, intensity, line);
  };
}

function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/** A number as C prints it, also nan and inf; null for anything else. */
function parseNumber(word: string): number | null {
  const value = Number(word);
  if (!Number.isNaN(value))
    return /^[-+]?[0-9.]/.test(word) && !/^[-+]?0[xob]/i.test(word) ? value : notFinite(word);
  return notFinite(word);
}

function notFinite(word: string): number | null {
  if (/^[-+]?nan(\(.*\))?$/i.test(word)) return Number.NaN;
  if (/^[-+]?inf(inity)?$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  return null;
}
