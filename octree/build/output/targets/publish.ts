/**
 * Publishes a cloud by a rename, all or nothing. It is written to a folder beside its place, whose name
 * begins with a tilde, which cloud ids cannot have. An earlier cloud is moved aside first and removed last.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import { sync, syncTree } from '../durable-file.ts';
import { folderBeside, makeFolders, removeLeftovers } from './building-folder.ts';

/** The files of an EPT cloud: only a folder with these is ever replaced. */
const CLOUD_ENTRIES = new Set([
  'ept.json',
  'ept-data',
  'ept-hierarchy',
  'ept-sources',
  'ept-build.json',
  'ept',
]);

/**
 * Runs `make` on a new folder, which then becomes `target`. If `make` fails, nothing has changed and nothing
 * is left behind. Throws `invalid_request` if `target` exists already, unless it is a cloud and `force` is
 * set.
 */
export async function publishCloud<Result>(
  target: string,
  force: boolean,
  make: (folder: string) => Promise<Result>,
): Promise<Result> {
  const place = path.resolve(target);
  const parent = path.dirname(place);
  await checkPlace(place, force);
  return writing(place, async () => {
    await makeFolders(parent);
    await removeLeftovers(place, 'building');
    const folder = folderBeside(place, 'building');
    await mkdir(folder);
    try {
      const result = await make(folder);
      await syncTree(folder);
      await swap(folder, place, folderBeside(place, 'replaced'), force);
      await sync(parent);
      // Not earlier: until the new cloud exists, one that a killed build moved aside may be the only one.
      await removeLeftovers(place, 'replaced');
      return result;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/**
 * Like `publishCloud`, for a cloud that is one file: `make` writes it as `name` into the given folder. The
 * rename replaces an earlier file.
 */
export async function publishFile<Result>(
  target: string,
  name: string,
  force: boolean,
  make: (folder: string) => Promise<Result>,
): Promise<Result> {
  const place = path.resolve(target);
  const parent = path.dirname(place);
  const checkAbsent = async () => {
    const found = await stat(place).catch(() => null);
    if (found === null || (force && found.isFile())) return;
    const why = found.isFile() ? 'exists already: replace it with --force' : 'exists and is not a file';
    throw new NearboxError('invalid_request', `${place} ${why}`);
  };
  await checkAbsent();
  return writing(place, async () => {
    await makeFolders(parent);
    await removeLeftovers(place, 'building');
    const folder = folderBeside(place, 'building');
    await mkdir(folder);
    try {
      const result = await make(folder);
      // Checked again, because `make` may have taken minutes.
      await checkAbsent();
      await sync(path.join(folder, name));
      await rename(path.join(folder, name), place);
      await sync(parent);
      return result;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Throws if a cloud cannot be published at `place`. */
export async function checkPlace(place: string, force: boolean): Promise<void> {
  const entries = await entriesOf(place);
  if (entries === null || entries.length === 0) return;
  const strange = entries.find((name) => !CLOUD_ENTRIES.has(name));
  if (strange !== undefined || !entries.includes('ept.json')) {
    throw new NearboxError(
      'invalid_request',
      `${place} exists and holds more than a built cloud (${strange ?? entries[0]}): choose another --out`,
    );
  }
  if (!force) {
    throw new NearboxError('invalid_request', `${place} exists already: replace it with --force`);
  }
}

/** True if there is a cloud at `place`. */
export async function isCloudThere(place: string): Promise<boolean> {
  return (await entriesOf(place))?.includes('ept.json') ?? false;
}

/** The names in a folder; null if there is none. */
async function entriesOf(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    const why = code === 'ENOTDIR' ? 'exists and is not a folder' : 'cannot be read';
    throw new NearboxError('invalid_request', `${folder} ${why}`, { cause });
  }
}

async function swap(folder: string, place: string, aside: string, force: boolean): Promise<void> {
  // Checked again, because `make` may have taken minutes.
  await checkPlace(place, force);
  const replaces = (await entriesOf(place)) !== null;
  if (replaces) await rename(place, aside);
  try {
    await rename(folder, place);
  } catch (error) {
    if (replaces) await rename(aside, place);
    throw error;
  }
  if (replaces) await rm(aside, { recursive: true, force: true });
}

/** Gives errors of the file system a code and the name of the cloud. */
async function writing<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (cause instanceof NearboxError || typeof code !== 'string' || syscall === undefined) throw cause;
    const why = code === 'ENOSPC' ? 'no space is left on the disk' : (cause as Error).message;
    throw new NearboxError('source_unavailable', `${place} cannot be written: ${why}`, { cause });
  }
}
