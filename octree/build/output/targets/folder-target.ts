/** Clouds in a folder of this machine. */
import { access, constants, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import { COPC_FILE, FINGERPRINT_HEAD_BYTES, isCopcId, readCopcFingerprint } from '../copc/index.ts';
import { readFingerprint, SOURCES_FILE } from '../fingerprint.ts';
import { makeFolders } from './building-folder.ts';
import type { CloudTarget, ExistingCloud, PublishOptions } from './cloud-target.ts';
import { checkPlace, isCloudThere, publishCloud, publishFile } from './publish.ts';

export class FolderTarget implements CloudTarget {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async prepare(): Promise<void> {
    const root = path.resolve(this.#root);
    await makeFolders(root);
    await access(root, constants.W_OK).catch((cause: Error) => {
      throw new NearboxError('source_unavailable', `${root} cannot be written: ${cause.message}`, { cause });
    });
  }

  async existing(id: string): Promise<ExistingCloud | null> {
    const place = path.join(this.#root, id);
    if (isCopcId(id)) return existingFile(place);
    await checkPlace(place, true);
    if (!(await isCloudThere(place))) return null;
    const sources = await readFile(path.join(place, SOURCES_FILE)).catch(() => null);
    return { fingerprint: sources === null ? null : readFingerprint(sources) };
  }

  /** Nothing to do: a folder is published by one rename, and the next build removes older remains. */
  async removeLeftovers(): Promise<void> {}

  publish<Result>(
    id: string,
    { force }: PublishOptions,
    make: (folder: string) => Promise<Result>,
  ): Promise<Result> {
    const place = path.join(this.#root, id);
    return isCopcId(id) ? publishFile(place, COPC_FILE, force, make) : publishCloud(place, force, make);
  }

  close(): void {}
}

async function existingFile(place: string): Promise<ExistingCloud | null> {
  const file = await open(place, 'r').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
    throw new NearboxError('invalid_request', `${place} cannot be read: ${cause.message}`, { cause });
  });
  if (file === null) return null;
  try {
    if (!(await file.stat()).isFile())
      throw new NearboxError('invalid_request', `${place} exists and is not a file`);
    const head = new Uint8Array(FINGERPRINT_HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, head.byteLength, 0);
    return { fingerprint: readCopcFingerprint(head.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}
