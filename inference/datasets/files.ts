/** Reading the small files of data sets; every failure is a typed error that names the file. */
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { NearboxError } from '../../cache/foundation/index.ts';

/** What is wrong inside a file. */
export function badFile(file: string, what: string, cause?: unknown): NearboxError {
  return new NearboxError('invalid_request', `${file}: ${what}`, cause === undefined ? {} : { cause });
}

/** The names in a folder, sorted; none if there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return [];
    throw badFile(folder, 'may not be read', cause);
  });
  return names.sort();
}

/** The files of a folder with this ending, sorted, by their names without it. */
export async function stemsIn(folder: string, ending: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** The text of a file, or null if there is none. */
export async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw badFile(file, 'cannot be read', cause);
  });
}

/** A JSON file, or undefined if there is none. */
export async function jsonOf(file: string): Promise<unknown> {
  const text = await textOf(file);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badFile(file, `is not JSON: ${(cause as Error).message}`, cause);
  }
}

export function within(folder: string, name: string): string {
  const file = path.resolve(folder, name);
  if (file.startsWith(path.resolve(folder) + path.sep)) return file;
  throw badFile(folder, `${JSON.stringify(name)} leads out of the folder`);
}

const LONGEST_ROW = 16 * 1024 * 1024;

/**
 * The objects of a JSON file that is a list of objects, one after the other: nuScenes' tables are larger than
 * a string can be.
 */
export async function* rowsOf(file: string): AsyncGenerator<Record<string, unknown>> {
  let text = '';
  let [depth, from, at] = [0, 0, 0];
  let isString = false;
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1024 * 1024 })) {
    text += chunk as string;
    for (; at < text.length; at++) {
      const letter = text[at]!;
      if (isString) {
        if (letter === '\\') at++;
        else if (letter === '"') isString = false;
      } else if (letter === '"') isString = true;
      else if (letter === '{' && depth++ === 0) from = at;
      else if (letter === '}' && --depth === 0) yield parsed(text.slice(from, at + 1), file);
    }
    // Only the object that has begun is kept; an escape may reach into the next piece.
    const kept = depth > 0 ? from : Math.min(at, text.length);
    if (text.length - kept > LONGEST_ROW) throw badFile(file, 'has a row that is too long');
    text = text.slice(kept);
    at -= kept;
    from = 0;
  }
  if (depth !== 0) throw badFile(file, 'is cut off');
}

function parsed(text: string, file: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw badFile(file, `is not JSON: ${(cause as Error).message}`, cause);
  }
}

/**
 * Runs the work of one frame. If a file of the frame is wrong (`invalid_request`) and there is an `onBad`, it
 * gets the error, so that the other frames go on.
 */
export async function unlessBad(
  work: () => Promise<void>,
  onBad: ((error: NearboxError) => void) | undefined,
): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (onBad === undefined || !(cause instanceof NearboxError) || cause.code !== 'invalid_request')
      throw cause;
    onBad(cause);
  }
}
