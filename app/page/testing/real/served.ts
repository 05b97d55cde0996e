/** `nearbox serve` as a process of its own: it can be stopped, killed, and run out of room. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { PROGRAM } from '../../../../cache/testing/index.ts';

export class Served {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** @param onLog takes what the server logs by default; without it, the server logs its bugs alone */
  static async start(
    args: readonly string[],
    env: Record<string, string> = {},
    port = 0,
    onLog?: (text: string) => void,
  ): Promise<Served> {
    const level = onLog === undefined ? ['--log-level', 'error'] : [];
    const child = spawn(
      process.execPath,
      [PROGRAM, 'serve', '--port', String(port), '--shards', '1', ...level, ...args],
      {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', onLog === undefined ? 'inherit' : 'pipe'],
      },
    );
    child.stderr?.on('data', (text: Buffer) => onLog?.(String(text)));
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout!.on('data', (text: Buffer) => {
        said += String(text);
        const found = /nearbox listening on (\S+)/.exec(said);
        if (found) resolve(found[1]!);
      });
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    });
    return new Served(child, url);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** SIGSTOP: connections are taken, and nobody answers. SIGCONT: it goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** The most bytes that the process may write to a file; null: as many as it likes. A disk that is full. */
  async limitFiles(bytes: number | null): Promise<void> {
    const limit = `--fsize=${bytes ?? 'unlimited'}:`;
    await promisify(execFile)('prlimit', ['--pid', String(this.#child.pid), limit]);
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}
