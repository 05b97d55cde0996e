/**
 * Three services of compose.yaml as processes on this machine: the same commands and variables, with
 * addresses and folders replaced. Whoever has them plays the engine.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { freePort, type RunningComponent, running } from '../../../cache/testing/index.ts';
import { DEMO_CLOUDS } from '../../services/index.ts';
import { startInstance } from './instance.ts';
import { startShippedNginx } from './shipped-nginx.ts';

const COMPOSE = readFileSync(new URL('../../../compose.yaml', import.meta.url), 'utf8');
/** The server's default may be short for a busy machine. */
const TIMEOUT_MS = '30000';

export type ComposeServiceName = 's3' | 'nearbox' | 'cdn';

/** The lines of one service of compose.yaml. */
export function composeService(name: string): string {
  const found = new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(COMPOSE);
  return found![1]!;
}

export class ComposeServices {
  readonly #folder: string;
  readonly #programs: { readonly s3: string; readonly cdn: string };
  readonly #ports: { readonly s3: number; readonly nearbox: number };
  readonly #running = new Map<ComposeServiceName, RunningComponent & { terminate(): Promise<unknown> }>();

  /** @param folder an empty one for the services' files; the caller removes it */
  static async prepare(folder: string, programs: { readonly s3: string; readonly cdn: string }) {
    cpSync(DEMO_CLOUDS, path.join(folder, 'data/clouds'), { recursive: true });
    return new ComposeServices(folder, programs, { s3: await freePort(), nearbox: await freePort() });
  }

  private constructor(
    folder: string,
    programs: { readonly s3: string; readonly cdn: string },
    ports: { readonly s3: number; readonly nearbox: number },
  ) {
    this.#folder = folder;
    this.#programs = programs;
    this.#ports = ports;
  }

  /** Resolves when it listens: the engine's restart is another start. */
  async start(name: ComposeServiceName): Promise<void> {
    const start = {
      s3: () => this.#startS3(),
      nearbox: () => this.#startNearbox(),
      cdn: () => this.#startCdn(),
    };
    this.#running.set(name, await start[name]());
  }

  /** As a crash, or a machine that loses its power. */
  async kill(name: ComposeServiceName): Promise<void> {
    await this.#running.get(name)?.stop();
    this.#running.delete(name);
  }

  /** As the engine stops it. @returns its exit code, or the signal that ended it */
  async terminate(name: ComposeServiceName): Promise<unknown> {
    const ended = await this.#running.get(name)!.terminate();
    this.#running.delete(name);
    return ended;
  }

  origin(name: ComposeServiceName): string {
    return this.#running.get(name)!.origin;
  }

  async killAll(): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.kill(name);
  }

  async #startS3() {
    const sidecar = path.join(this.#folder, 'sidecar');
    // On a tmpfs, which is empty after each start.
    rmSync(sidecar, { recursive: true, force: true });
    mkdirSync(sidecar);
    const command = JSON.parse(/command: (\[.*\])/.exec(composeService('s3'))![1]!) as string[];
    const args = command.map((word) =>
      word
        .replace(':7070', `127.0.0.1:${this.#ports.s3}`)
        .replace(/^\/sidecar$/, sidecar)
        .replace(/^\/data$/, path.join(this.#folder, 'data')),
    );
    const env = { ...process.env, ...variablesOf('s3') };
    const child = spawn(this.#programs.s3, args, { stdio: 'ignore', env });
    const server = await running(child, this.#ports.s3);
    return { ...server, terminate: server.stop };
  }

  async #startNearbox() {
    const { NEARBOX_DISK_CACHE, AWS_ENDPOINT_URL_S3, ...others } = variablesOf('nearbox');
    const { child, ended } = await startInstance(this.#ports.nearbox, [], {
      ...others,
      NEARBOX_DISK_CACHE: `${this.#folder}${NEARBOX_DISK_CACHE}`,
      AWS_ENDPOINT_URL_S3: AWS_ENDPOINT_URL_S3!.replace('s3:7070', `127.0.0.1:${this.#ports.s3}`),
      NEARBOX_TIMEOUT_MS: TIMEOUT_MS,
    });
    const end = (signal: NodeJS.Signals) => {
      child.kill(signal);
      return ended;
    };
    return {
      origin: `http://127.0.0.1:${this.#ports.nearbox}`,
      stop: async () => void (await end('SIGKILL')),
      terminate: () => end('SIGTERM'),
    };
  }

  async #startCdn() {
    const folder = path.join(this.#folder, 'cdn');
    mkdirSync(folder, { recursive: true });
    const server = await startShippedNginx(this.#programs.cdn, folder, [this.#ports.nearbox]);
    return { ...server, terminate: server.stop };
  }
}

function variablesOf(name: ComposeServiceName): Record<string, string> {
  const lines = composeService(name).matchAll(/^ {6}([A-Z_\d]+): (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, variable, value]) => [variable!, value!]));
}
