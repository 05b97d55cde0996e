/** Puts files on the disk: what a rename then makes visible survives a power failure. */
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Waits overlap, and a disk does many at once. */
const SYNCS_AT_ONCE = 16;

/** Waits until a file's content, or the names in a folder, are on the disk. */
export async function sync(place: string): Promise<void> {
  const file = await open(place, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until a folder and all below it are on the disk. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const places = [folder, ...entries.map(({ parentPath, name }) => path.join(parentPath, name))];
  const syncAll = async () => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) await sync(place);
  };
  await allDone(Array.from({ length: SYNCS_AT_ONCE }, syncAll));
}

/** Waits for all of them, also after one has failed, and then throws what the first one threw. */
export async function allDone(writes: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(writes);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
