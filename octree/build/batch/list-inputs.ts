/**
 * Expands the inputs of a call: files, folders (all point files in them and below), `@LIST` (a file with an
 * input on each line), `-` (standard input), `s3://` and `http(s)://` objects, and `s3://` prefixes.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { type ByteSource, openByteSource } from '../../../cache/index.ts';
import {
  BadInput,
  cloudName,
  hasKnownEnding,
  holdsSeveral,
  isPointFile,
  listMcapParts,
  whyUnopened,
  wrongInput,
} from '../inputs/index.ts';
import type { InputFrame } from './input-frame.ts';

/** An input and the id of its cloud. */
export interface BatchInput {
  /** A local path, a URI, or `-`. */
  readonly input: string;
  /** The id of its cloud below the output. */
  readonly id: string;
  /** More data about the frame, from its data set. */
  readonly frame?: InputFrame;
}

/**
 * Lists the frames of a data set in a folder, with ids below the folder. null: the folder has no data set.
 */
export type FolderReader = (folder: string, signal?: AbortSignal) => Promise<readonly BatchInput[] | null>;

interface MissingInput {
  readonly missing: unknown;
}

export const STANDARD_INPUT = '-';
const MOST_FOLDERS_DEEP = 64;

/**
 * The inputs, sorted by id; the ids are distinct. Throws `invalid_request` if a file or folder does not
 * exist, if there are no inputs, or if two inputs have the same id.
 */
export async function listInputs(
  named: readonly (string | BatchInput)[],
  signal?: AbortSignal,
  readFolder: FolderReader = async () => null,
): Promise<BatchInput[]> {
  if (named.length === 0) throw new NearboxError('invalid_request', 'name at least one input');
  const listed: BatchInput[] = [];
  let missing: unknown = null;
  for (const name of named) {
    signal?.throwIfAborted();
    if (typeof name !== 'string') {
      listed.push(name);
      continue;
    }
    // A missing input of a list fails later, on its own. A missing input of the call is an invalid call.
    const isList = name.startsWith('@');
    for (const one of isList ? await readList(name.slice(1)) : [name]) {
      const found = await listOne(one, readFolder, signal);
      if (!Array.isArray(found) && !isList) missing ??= found.missing;
      listed.push(...(Array.isArray(found) ? found : [{ input: one, id: cloudName(one) }]));
    }
  }
  if (listed.length === 0)
    throw new NearboxError('invalid_request', `no point files in ${named.map(String).join(', ')}`);
  checkDistinct(listed);
  if (missing !== null) throw missing;
  return listed;
}

export function isRemote(input: string): boolean {
  return /^(s3|https?):\/\//i.test(input);
}

async function listOne(
  name: string,
  readFolder: FolderReader,
  signal?: AbortSignal,
): Promise<BatchInput[] | MissingInput> {
  if (name === STANDARD_INPUT) return [{ input: name, id: 'stdin' }];
  if (/^s3:\/\//i.test(name)) return listBucket(name, signal);
  if (isRemote(name)) return [{ input: name, id: cloudName(new URL(name).pathname) }];
  const found = await stat(name).catch((cause: unknown) => ({
    missing: wrongInput(name, whyUnopened(cause), cause),
  }));
  if ('missing' in found) return found;
  return found.isDirectory() ? listFolder(name, '', 0, readFolder, signal) : listFile(name, cloudName(name));
}

/** A file, or each of its clouds if it may have several. A broken file fails later, on its own. */
async function listFile(input: string, id: string): Promise<BatchInput[]> {
  const parts = holdsSeveral(input)
    ? await listMcapParts(input).catch((error: unknown) => {
        if (error instanceof BadInput) return null;
        throw error;
      })
    : null;
  if (parts === null) return [{ input, id }];
  return parts.map(({ part, id: own }) => ({ input, id: `${id}/${own}`, frame: { part } }));
}

/** The ids of files in subfolders, and of frames of data sets, include the names of these folders. */
async function listFolder(
  root: string,
  below: string,
  depth: number,
  readFolder: FolderReader,
  signal?: AbortSignal,
): Promise<BatchInput[]> {
  if (depth > MOST_FOLDERS_DEEP) throw wrongInput(root, `has folders more than ${MOST_FOLDERS_DEEP} deep`);
  signal?.throwIfAborted();
  const folder = path.join(root, below);
  const frames = await readFolder(folder, signal);
  if (frames !== null)
    return frames.map((frame) => ({ ...frame, id: [...foldersOf(below), frame.id].join('/') }));
  const entries = await readdir(folder, { withFileTypes: true });
  const listed: BatchInput[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const relative = path.posix.join(below, entry.name);
    if (entry.isDirectory())
      listed.push(...(await listFolder(root, relative, depth + 1, readFolder, signal)));
    else if (isPointFile(entry.name))
      listed.push(...(await listFile(path.join(folder, entry.name), idBelow(relative))));
  }
  return listed;
}

/** One object, or all point files below a prefix. */
async function listBucket(uri: string, signal?: AbortSignal): Promise<BatchInput[]> {
  if (hasKnownEnding(uri)) return [{ input: uri, id: cloudName(uri) }];
  const root = uri.replace(/\/+$/, '');
  const opened = openByteSource(root);
  try {
    return await listPrefix(opened.source, root, '', signal);
  } finally {
    await opened.close();
  }
}

async function listPrefix(
  source: ByteSource,
  root: string,
  below: string,
  signal?: AbortSignal,
): Promise<BatchInput[]> {
  const found = await source.list!(below, { signal });
  if (found === null) throw wrongInput(`${root}/${below}`, 'there is nothing below this prefix');
  const listed: BatchInput[] = [];
  const join = (name: string) => (below === '' ? name : `${below}/${name}`);
  for (const name of found.files)
    if (isPointFile(name)) listed.push({ input: `${root}/${join(name)}`, id: idBelow(join(name)) });
  for (const name of found.folders) listed.push(...(await listPrefix(source, root, join(name), signal)));
  return listed;
}

/** The id of `folder/folder/file`. */
function idBelow(relative: string): string {
  return [...foldersOf(path.posix.dirname(relative)), cloudName(relative)].join('/');
}

/** Turns the name of a folder into an id, like the name of a file without a known ending. */
function foldersOf(folders: string): string[] {
  return folders === '.' || folders === ''
    ? []
    : folders.split('/').map((folder) => cloudName(`${folder}.bin`));
}

/** Empty lines and lines that begin with `#` are skipped. */
async function readList(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw wrongInput(file, whyUnopened(cause), cause);
  });
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function checkDistinct(listed: readonly BatchInput[]): void {
  const seen = new Map<string, string>();
  for (const { input, id } of listed) {
    const other = seen.get(id);
    if (other !== undefined)
      throw new NearboxError('invalid_request', `${other} and ${input} would both become the cloud ${id}`);
    seen.set(id, input);
  }
}
