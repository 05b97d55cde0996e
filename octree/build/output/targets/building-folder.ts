/**
 * The folders of a build beside the place of the cloud: `~NAME.building-OWNER-RANDOM` for the new cloud,
 * `~NAME.replaced-OWNER-RANDOM` for the old one. A killed build leaves them behind. Their names contain the
 * owner, so that the next build of the same cloud can distinguish remains from a build that is still running.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { NearboxError } from '../../../../cache/foundation/index.ts';

/** The purpose of a folder beside the cloud. */
export type FolderUse = 'building' | 'replaced';

/** A name may have 255 bytes; the owner and the rest take up to 50. */
const MOST_NAME_BYTES = 200;

/** A folder of this process, beside `place`. */
export function folderBeside(place: string, use: FolderUse): string {
  const owner = `${machineId()}-${process.pid}`;
  return path.join(
    path.dirname(place),
    `${prefixBeside(place, use)}${owner}-${randomBytes(6).toString('hex')}`,
  );
}

/** How the names of all folders of builds of `place` begin. Of a long name, a hash stands for its end. */
function prefixBeside(place: string, use: FolderUse): string {
  const name = path.basename(place);
  if (Buffer.byteLength(name) <= MOST_NAME_BYTES) return `~${name}.${use}-`;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `~${name.slice(0, MOST_NAME_BYTES / 8)}-${hash}.${use}-`;
}

/**
 * Removes the folders of builds of `place` whose process has ended. Folders of other machines or containers
 * stay, because their processes cannot be checked from here.
 */
export async function removeLeftovers(place: string, use: FolderUse): Promise<void> {
  const parent = path.dirname(place);
  const prefix = `${prefixBeside(place, use)}${machineId()}-`;
  for (const name of await namesIn(parent)) {
    if (!name.startsWith(prefix)) continue;
    const owner = /^(\d+)-[0-9a-f]{12}$/.exec(name.slice(prefix.length));
    if (owner !== null && !isRunning(Number(owner[1])))
      await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Creates a folder and its parents. mkdir's `recursive` is not used, because it never returns on file systems
 * that refuse new folders, such as /proc.
 */
export async function makeFolders(folder: string): Promise<void> {
  const missing: string[] = [];
  let at = folder;
  while (!(await isFolder(at))) {
    missing.push(at);
    at = path.dirname(at);
  }
  for (const one of missing.reverse()) {
    await mkdir(one).catch((cause: NodeJS.ErrnoException) => {
      // Another build may have been faster.
      if (cause.code === 'EEXIST') return;
      throw new NearboxError('source_unavailable', `${one} cannot be created: ${cause.message}`, { cause });
    });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

async function isFolder(at: string): Promise<boolean> {
  try {
    await stat(at);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && at !== path.dirname(at)) return false;
    throw cause;
  }
}

/**
 * The scope of this process's number: the machine, and on Linux the container (its namespace of process
 * numbers).
 */
function machineId(): string {
  let namespace = '';
  try {
    namespace = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux.
  }
  return createHash('sha256').update(`${os.hostname()} ${namespace}`).digest('hex').slice(0, 8);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it runs under another user.
    return (cause as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
