/**
 * Locks a folder for one process. The lock is a Unix socket inside the folder: a live owner answers on it,
 * also across containers that share a volume. The socket of a dead process refuses connections and is
 * removed.
 */
import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import path from 'node:path';
import { NearboxError } from '../../cache/index.ts';

const LOCK_NAME = '~lock';
const MAX_ATTEMPTS = 10;
/** The longest path that a Unix socket may have is 104 to 108 bytes, by system. */
const MAX_SOCKET_PATH_BYTES = 100;

export interface FolderLock {
  release(): Promise<void>;
}

/** @throws NearboxError `source_unavailable` if another live process has the folder. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  // A path through the open folder's descriptor is short, however deep the folder is.
  const handle = await open(folder, 'r');
  const base =
    Buffer.byteLength(folder) + 50 > MAX_SOCKET_PATH_BYTES && process.platform === 'linux'
      ? `/proc/self/fd/${handle.fd}`
      : folder;
  const own = `${LOCK_NAME}-${randomUUID().slice(0, 8)}`;
  let server: Server | undefined;
  try {
    server = await listen(path.join(base, own));
    await takeName(folder, base, own);
  } catch (error) {
    await close(server);
    await rm(path.join(folder, own), { force: true });
    await handle.close();
    throw error;
  }
  await rm(path.join(folder, own), { force: true });
  const listening = server;
  return {
    async release() {
      await rm(path.join(folder, LOCK_NAME), { force: true });
      await close(listening);
      await handle.close();
    },
  };
}

/**
 * Gives the listening socket the lock's name. A socket that nobody listens on is moved out of the way first.
 */
async function takeName(folder: string, base: string, own: string): Promise<void> {
  const lock = path.join(folder, LOCK_NAME);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    try {
      await link(path.join(folder, own), lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isAnswered(path.join(base, LOCK_NAME))) throw inUse(folder);
    const dead = `${own}-dead-${attempt}`;
    try {
      await rename(lock, path.join(folder, dead));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    // Another process may have taken the lock between the check and the rename: then it gets it back.
    const isAlive = await isAnswered(path.join(base, dead));
    if (isAlive) await link(path.join(folder, dead), lock).catch(() => {});
    await rm(path.join(folder, dead), { force: true });
    if (isAlive) throw inUse(folder);
  }
  throw inUse(folder);
}

function inUse(folder: string): NearboxError {
  return new NearboxError(
    'source_unavailable',
    `${folder} is in use by another server; a folder of documents belongs to one server at a time`,
  );
}

function listen(file: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', reject);
    server.listen(file, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

function close(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}

function isAnswered(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
