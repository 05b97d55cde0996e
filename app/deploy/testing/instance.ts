/** A nearbox in a process of its own, as a deployment runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PROGRAM } from '../../../cache/testing/index.ts';

export interface Instance {
  readonly child: ChildProcess;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/**
 * Resolves when the instance listens.
 * @param environment variables besides those of this process
 * @throws if it ends before
 */
export async function startInstance(
  port: number,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Instance> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...environment },
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const lines = createInterface(child.stdout!);
  const first = await Promise.race([once(lines, 'line'), ended]);
  if (!Array.isArray(first)) throw new Error(`the instance ended with ${first}`);
  return { child, ended };
}
