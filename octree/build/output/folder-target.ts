/** Clouds in a folder of this machine. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CloudTarget, ExistingCloud, PublishOptions } from './cloud-target.ts';
import { readFingerprint, SOURCES_FILE } from './fingerprint.ts';
import { checkPlace, isCloudThere, publishCloud } from './publish.ts';

export class FolderTarget implements CloudTarget {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async existing(id: string): Promise<ExistingCloud | null> {
    const place = path.join(this.#root, id);
    await checkPlace(place, true);
    if (!(await isCloudThere(place))) return null;
    const sources = await readFile(path.join(place, SOURCES_FILE)).catch(() => null);
    return { fingerprint: sources === null ? null : readFingerprint(sources) };
  }

  publish<Result>(
    id: string,
    { force }: PublishOptions,
    make: (folder: string) => Promise<Result>,
  ): Promise<Result> {
    return publishCloud(path.join(this.#root, id), force, make);
  }

  close(): void {}
}
