/** Single files below a folder or below a prefix of a bucket: what is written beside the clouds. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isBucket } from './open-target.ts';
import { S3Objects } from './s3-objects.ts';

interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Names are relative, with slashes. A file of the name that is there already is replaced. */
export interface PlainFiles {
  write(name: string, content: string, options?: WriteOptions): Promise<void>;
  /** Copies a local file. */
  copy(name: string, file: string, options?: WriteOptions): Promise<void>;
  /** Closes connections. */
  close(): void;
}

/** Throws `invalid_request` for a place that cannot be written. Does not access the place yet. */
export function openPlainFiles(out: string): PlainFiles {
  return isBucket(out, out) ? bucketFiles(new S3Objects(out)) : folderFiles(out);
}

function folderFiles(folder: string): PlainFiles {
  const placeOf = async (name: string) => {
    const place = path.join(folder, name);
    await mkdir(path.dirname(place), { recursive: true });
    return place;
  };
  return {
    write: async (name, content, { signal } = {}) => writeFile(await placeOf(name), content, { signal }),
    copy: async (name, file, { signal } = {}) => {
      signal?.throwIfAborted();
      await copyFile(file, await placeOf(name));
    },
    close: () => undefined,
  };
}

function bucketFiles(objects: S3Objects): PlainFiles {
  return {
    write: async (name, content, { signal } = {}) => {
      await objects.put(name, content, { signal });
    },
    copy: async (name, file, { signal } = {}) => {
      await objects.putFile(name, file, { signal });
    },
    close: () => objects.close(),
  };
}
