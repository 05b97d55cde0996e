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

/** Resolves when the instance listens. @throws if it ends before */
export async function startInstance(port: number, args: readonly string[] = []): Promise<Instance> {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const listening = once(createInterface(child.stdout!), 'line');
  const first = await Promise.race([listening, ended]);
  if (!Array.isArray(first)) throw new Error(`the instance ended with ${first}`);
  return { child, ended };
}
