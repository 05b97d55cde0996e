/** Finds out before long work whether its results can be written. */
import { mkdir, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from './exit-codes.ts';

/**
 * Throws a UsageError, which names `option`, if the file cannot be written. Leaves nothing behind. Pipes and
 * devices are not tried: who reads them would take that for their end.
 */
export async function checkWritableFile(option: string, file: string): Promise<void> {
  await refused(option, file, async () => {
    const found = await stat(file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
      return null;
    });
    if (found?.isDirectory()) throw new Error('it is a folder');
    if (found !== null && !found.isFile()) return;
    const handle = await open(file, 'a');
    await handle.close();
    if (found === null) await rm(file);
  });
}

/** Likewise for a file whose folder is made if it is not there. */
export async function checkWritableFileInNewFolder(option: string, file: string): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  if (isThere) await checkWritableFile(option, file);
  else await checkWritableFolder(option, folder);
}

/** Likewise for files in a folder, which may have to be made. */
export async function checkWritableFolder(option: string, folder: string): Promise<void> {
  await refused(option, folder, async () => {
    const made = await mkdir(folder, { recursive: true });
    const probe = path.join(folder, `~nearbox-${process.pid}.tmp`);
    const handle = await open(probe, 'wx');
    await handle.close();
    await rm(made ?? probe, { recursive: true });
  });
}

async function refused(option: string, place: string, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${option} ${place} cannot be written: ${why}`);
  }
}
