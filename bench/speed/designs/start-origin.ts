/** The storage that waits (`origin.ts`), in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface RunningOrigin {
  readonly url: string;
  stop(): Promise<void>;
}

/** Resolves when it listens. */
export async function startOrigin(folder: string, port: number): Promise<RunningOrigin> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(import.meta.dirname, 'origin.ts'), folder, String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: path.join(import.meta.dirname, '../../..') },
  );
  for await (const line of createInterface({ input: child.stdout! })) if (line.includes('listening')) break;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
