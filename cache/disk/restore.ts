/** Counts what is on disk after a start, folder by folder, and removes what this version will never use. */
import path from 'node:path';
import type { DiskFiles } from './disk-files.ts';
import { diskBytes, type IndexEntry } from './disk-index.ts';
import { DiskLayout } from './disk-layout.ts';

export interface RestoreOptions {
  readonly files: DiskFiles;
  readonly layout: DiskLayout;
  /** What temporary names of this run begin with; those of other runs are orphans. */
  readonly run: string;
  readonly isStopped: () => boolean;
}

/** Tiles by path, least recently used first; null if it was stopped. Rejects if the folder cannot be read. */
export async function restore(options: RestoreOptions): Promise<[path: string, entry: IndexEntry][] | null> {
  const { files, layout, isStopped } = options;
  await removeOrphans(options);
  const found: [string, IndexEntry][] = [];
  for (const group of await files.list(layout.root)) {
    const folder = path.join(layout.root, group);
    if (folder === layout.temporary) continue;
    if (!DiskLayout.isGroup(group)) {
      await files.removeFolder(folder);
      continue;
    }
    for (const name of await files.list(folder)) {
      if (isStopped()) return null;
      const file = path.join(folder, name);
      if (!DiskLayout.isTile(name)) {
        await files.removeFolder(file);
        continue;
      }
      const stat = await files.stat(file);
      if (stat !== null) found.push([file, { bytes: diskBytes(stat.size), touchedAt: stat.mtimeMs }]);
    }
  }
  return found.sort(([, a], [, b]) => a.touchedAt - b.touchedAt);
}

async function removeOrphans({ files, layout, run }: RestoreOptions): Promise<void> {
  for (const name of await files.list(layout.folder)) {
    const folder = path.join(layout.folder, name);
    if (DiskLayout.isRoot(name) && folder !== layout.root) await files.removeFolder(folder);
  }
  for (const name of await files.list(layout.temporary)) {
    if (!name.startsWith(run)) await files.removeFolder(path.join(layout.temporary, name));
  }
}
