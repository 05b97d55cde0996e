/**
 * Paths of the disk tier's files. File names are digests: they can be computed from a group and a tile, and
 * not the other way round.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';

/**
 *     FOLDER/tiles-v1/GROUP/TILE.tile     records; GROUP and TILE are digests
 *     FOLDER/tiles-v1/tmp/RUN-N           records being written, groups being removed
 */
export class DiskLayout {
  /** The tier's folder; its content is the tier's alone. */
  readonly folder: string;
  readonly root: string;
  readonly temporary: string;

  constructor(folder: string) {
    this.folder = path.resolve(folder);
    this.root = path.join(this.folder, 'tiles-v1');
    this.temporary = path.join(this.root, 'tmp');
  }

  groupFolder(group: string): string {
    return path.join(this.root, digest(group));
  }

  tile(group: string, name: string): string {
    return path.join(this.groupFolder(group), `${digest(name)}.tile`);
  }

  static isGroup(name: string): boolean {
    return /^[0-9a-f]{32}$/.test(name);
  }

  static isTile(name: string): boolean {
    return /^[0-9a-f]{32}\.tile$/.test(name);
  }

  /** True for the folder of tiles in the layout of some version of nearbox, this one or another. */
  static isRoot(name: string): boolean {
    return /^tiles-v\d+$/.test(name);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 32);
}
