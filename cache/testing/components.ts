/**
 * Real servers for tests: installed by `.ci/install-components`, found by NEARBOX_VERSITYGW, NEARBOX_NGINX
 * and so on, in `.cache/components/bin`, or on the path. Where one is missing its tests are skipped, unless
 * NEARBOX_REQUIRE_COMPONENTS=1 makes that a failure.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT_BIN = fileURLToPath(new URL('../../.cache/components/bin', import.meta.url));

export type Component =
  | 'versitygw'
  | 'nginx'
  | 'prometheus'
  | 'promtool'
  | 'toxiproxy-server'
  | 'training-python'
  | 'compose-go'
  | 'haproxy'
  | 'buildah'
  | 'kustomize'
  | 'systemd-analyze';

/** Path of a component's program, or null if it is not here. Throws if it is missing and required. */
export function findComponent(name: Component): string | null {
  const given = process.env[`NEARBOX_${name.toUpperCase().replaceAll('-', '_')}`];
  const folders = [PROJECT_BIN, ...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
  const candidates = given ? [given] : folders.map((folder) => path.join(folder, name));
  for (const candidate of candidates) {
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not there; the next may be.
    }
  }
  if (process.env.NEARBOX_REQUIRE_COMPONENTS === '1') {
    throw new Error(`${name} is missing; run .ci/install-components`);
  }
  return null;
}

export interface RunningComponent {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  stop(): Promise<void>;
}

export interface S3Server extends RunningComponent {
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Has the objects below `root/BUCKET`, and what S3 knows of them below `sidecar/BUCKET`. */
  readonly folder: string;
  /** The keys of all reads of objects so far, by the server's access log. */
  objectsRead(): Promise<string[]>;
}

/** A versitygw on a folder of its own. Keeps validators beside the files, so that any file system will do. */
export async function startVersitygw(program: string): Promise<S3Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-versitygw-'));
  const port = await freePort();
  const log = path.join(folder, 'access.log');
  const credentials = { accessKeyId: 'nearbox', secretAccessKey: 'nearbox-secret' };
  for (const name of ['root', 'sidecar']) await mkdir(path.join(folder, name));
  const args = ['--port', `127.0.0.1:${port}`, '--keep-alive', '--quiet', '--access-log', log];
  const posix = ['posix', '--sidecar', path.join(folder, 'sidecar'), path.join(folder, 'root')];
  const child = spawn(program, [...args, ...posix], {
    stdio: 'ignore',
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    },
  });
  const objectsRead = async () => {
    const lines = (await readFile(log, 'utf8')).matchAll(
      / s3_GetObject .* \/[^/ ]+\/(\S*)\?x-id=GetObject /g,
    );
    return [...lines].map(([, key]) => decodeURIComponent(key!));
  };
  return { ...(await running(child, port, folder)), credentials, folder, objectsRead };
}

/**
 * An nginx with this inside its `server` block; cache zones called `tiles` and as in `zones`; `http` goes
 * before the block.
 */
export async function startNginx(
  program: string,
  server: string,
  zones: readonly string[] = [],
  http = '',
): Promise<RunningComponent> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = `
    daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ${['tiles', ...zones].map((zone) => `proxy_cache_path ${folder}/cache-${zone} keys_zone=${zone}:1m max_size=100m use_temp_path=off;`).join('\n')}
      ${http}
      server { listen 127.0.0.1:${port}; ${server} }
    }`;
  await writeFile(path.join(folder, 'nginx.conf'), config);
  const child = spawn(
    program,
    ['-c', path.join(folder, 'nginx.conf'), '-p', folder, '-e', path.join(folder, 'error.log')],
    {
      stdio: 'ignore',
    },
  );
  return running(child, port, folder);
}

/** What a toxic does to the bytes that come from the server; see toxiproxy's README. */
export interface Toxic {
  readonly type: 'latency' | 'bandwidth' | 'slow_close' | 'timeout' | 'reset_peer' | 'slicer' | 'limit_data';
  readonly attributes: Readonly<Record<string, number>>;
}

export interface FaultyNetwork extends RunningComponent {
  /** Does this to all connections from now on; resolves with what ends it. */
  poison(toxic: Toxic): Promise<() => Promise<void>>;
  /** Refuses connections, and closes those there are; resolves with what ends it. */
  cut(): Promise<() => Promise<void>>;
}

/** A toxiproxy in front of a server; `origin` is where it listens. */
export async function startToxiproxy(program: string, upstream: string): Promise<FaultyNetwork> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-toxiproxy-'));
  const [api, port] = [await freePort(), await freePort()];
  const child = spawn(program, ['-host', '127.0.0.1', '-port', `${api}`], { stdio: 'ignore' });
  const server = await running(child, api, folder);
  const ask = async (method: string, route: string, body?: unknown) => {
    const response = await fetch(`${server.origin}${route}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy: ${response.status} ${text}`);
  };
  const upstreamHost = new URL(upstream).host;
  const proxy = { name: 'storage', listen: `127.0.0.1:${port}`, upstream: upstreamHost };
  await ask('POST', '/proxies', { ...proxy, enabled: true });
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: server.stop,
    async poison(toxic) {
      await ask('POST', '/proxies/storage/toxics', { ...toxic, name: 'fault', stream: 'downstream' });
      return () => ask('DELETE', '/proxies/storage/toxics/fault');
    },
    async cut() {
      await ask('POST', '/proxies/storage', { ...proxy, enabled: false });
      return () => ask('POST', '/proxies/storage', { ...proxy, enabled: true });
    },
  };
}

/**
 * Resolves when somebody answers on the port; rejects if the program ends before. Its folder goes with it.
 */
export async function running(child: ChildProcess, port: number, folder?: string): Promise<RunningComponent> {
  const ended = once(child, 'exit');
  while (!(await answers(port))) {
    if (child.exitCode !== null)
      throw new Error(`${child.spawnfile} ended with ${child.exitCode}${folder ? `; see ${folder}` : ''}`);
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(resolve, 20, false));
  });
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
