/** A server in a process of its own, its memory and the holds of its event loops watched from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../app/bin/nearbox.mjs', import.meta.url));
const PROBE = new URL('./loop-probe.mjs', import.meta.url).href;
const SAMPLE_MS = 50;
const STOP_MS = 15_000;

export interface ServerWatch {
  /** Longest hold of the event loop of each kind of thread, milliseconds of its own processor time. */
  readonly holds: Readonly<Record<string, number>>;
  /** Most resident memory since `watch`, bytes. */
  readonly peakBytes: number;
}

export class AbusedServer {
  readonly url: string;
  /** Resident memory when the server was ready, bytes. */
  readonly idleBytes: number;
  readonly #child: ChildProcess;
  #peakBytes: number;
  readonly #sampler: NodeJS.Timeout;

  private constructor(child: ChildProcess, url: string, idleBytes: number) {
    this.#child = child;
    this.url = url;
    this.idleBytes = idleBytes;
    this.#peakBytes = idleBytes;
    this.#sampler = setInterval(() => void this.#sample(), SAMPLE_MS);
  }

  static async start(flags: readonly string[]): Promise<AbusedServer> {
    const child = spawn(process.execPath, ['--import', PROBE, PROGRAM, 'serve', '--port', '0', ...flags], {
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      const url = /listening on (http:\/\/\S+)/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout!.resume();
      return new AbusedServer(child, url, await residentBytes(child.pid!));
    }
    throw new Error('the server did not start');
  }

  /** False once the process has ended by itself. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What was seen since the last call. */
  async read(): Promise<ServerWatch> {
    await this.#sample();
    const peakBytes = this.#peakBytes;
    this.#peakBytes = 0;
    const answer = once(this.#child, 'message');
    this.#child.send('read');
    const [{ holds }] = (await answer) as [{ holds: Record<string, number> }];
    return { holds, peakBytes };
  }

  /** Ends the process; false if SIGTERM did not, and it had to be killed. */
  async stop(): Promise<boolean> {
    clearInterval(this.#sampler);
    if (!this.isAlive) return false;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
    return this.#child.signalCode !== 'SIGKILL';
  }

  async #sample(): Promise<void> {
    const bytes = await residentBytes(this.#child.pid!).catch(() => 0);
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}
