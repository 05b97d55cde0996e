/** Reads label files: what a server keeps, and any format that the page imports, by the page's own code. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ByteSource, NearboxError, openByteSource } from '../../cache/index.ts';
import type { Ontology } from '../ontology/index.ts';
import type { ExchangeFrame } from '../page/exchange/index.ts';
import { importLabels, type PackedFile } from '../page/formats/index.ts';
import { UsageError } from './exit-codes.ts';
import { readStoredLabels } from './stored-labels.ts';

const LABEL_ENDINGS = ['.json', '.txt', '.zip', '.pkl', '.pkl.gz'];
/** Tables of a PandaSet that are no labels, and documents that a server has not finished. */
const NO_LABELS = /(^|\/)(lidar|semseg)\/[^/]*\.pkl(\.gz)?$|^~unfinished\//i;
/** The frame of a file that names none. */
const ONLY_FRAME = 'frame';

/** Folders within folders of a bucket, at most. */
const MOST_FOLDERS_DEEP = 32;
/** Objects of a bucket that are read at a time. */
const READS_AT_ONCE = 16;

interface LabelFiles {
  readonly frames: readonly ExchangeFrame[];
  /** Boxes that a server keeps and nobody has confirmed: they are left out. */
  readonly proposed: number;
}

/**
 * Frames of files, folders and prefixes of buckets.
 * @param ontology the project's own classes, which files of other tools may name
 * @throws UsageError where there are none; NearboxError where one cannot be read
 */
export async function readLabelFiles(
  inputs: readonly string[],
  ontology: Ontology | null = null,
): Promise<LabelFiles> {
  const found = (await Promise.all(inputs.map(filesOf))).flat();
  if (found.length === 0)
    throw new UsageError(`no label files (${LABEL_ENDINGS.join(', ')}) in ${inputs.join(', ')}`);
  try {
    const { frames, proposed, others: files } = readStoredLabels(found);
    if (files.length === 0) return { frames, proposed };
    const imported = await importLabels(files, { currentFrame: ONLY_FRAME, frames: [], ontology });
    return { frames: [...frames, ...imported], proposed };
  } catch (cause) {
    throw new NearboxError('source_unavailable', (cause as Error).message, { cause });
  }
}

/** A file by its base name; the files of a folder by their paths in it. */
async function filesOf(input: string): Promise<PackedFile[]> {
  if (/^s3:\/\//i.test(input)) return objectsOf(input);
  const found = await stat(input).catch(() => {
    throw new UsageError(`${input}: no such file`);
  });
  const read = async (file: string, name: string) => ({ name, bytes: new Uint8Array(await readFile(file)) });
  if (!found.isDirectory()) return [await read(input, path.basename(input))];
  const entries = await readdir(input, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(input, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter(mayHoldLabels);
  return Promise.all(names.toSorted().map((name) => read(path.join(input, name), name)));
}

function mayHoldLabels(name: string): boolean {
  return LABEL_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending)) && !NO_LABELS.test(name);
}

/** An object by its base name; those below a prefix by their paths below it. */
async function objectsOf(uri: string): Promise<PackedFile[]> {
  const root = uri.replace(/\/+$/, '');
  const isObject = mayHoldLabels(root);
  const at = root.lastIndexOf('/');
  const opened = openByteSource(isObject ? root.slice(0, at) : root);
  try {
    const { source } = opened;
    const names = isObject ? [root.slice(at + 1)] : (await namesBelow(source, '', 0)).filter(mayHoldLabels);
    const files: PackedFile[] = [];
    for (let from = 0; from < names.length; from += READS_AT_ONCE)
      files.push(
        ...(await Promise.all(
          names.slice(from, from + READS_AT_ONCE).map(async (name) => {
            const stored = await source.read(name, {});
            if (stored === null) throw new UsageError(`${root}: no such object as ${name}`);
            return { name, bytes: stored.bytes };
          }),
        )),
      );
    return files;
  } finally {
    await opened.close();
  }
}

async function namesBelow(source: ByteSource, folder: string, depth: number): Promise<string[]> {
  if (depth > MOST_FOLDERS_DEEP)
    throw new UsageError(`${folder}: folders are more than ${MOST_FOLDERS_DEEP} deep`);
  const found = await source.list?.(folder, {});
  if (found == null) return [];
  const inFolder = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  const names = found.files.map(inFolder);
  for (const name of found.folders) names.push(...(await namesBelow(source, inFolder(name), depth + 1)));
  return names;
}
