/** A balancer with a shipped configuration, whose instances can change while it runs. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningComponent, running } from '../../../cache/testing/index.ts';

export interface ShippedBalancer extends RunningComponent {
  readonly child: ChildProcess;
  /**
   * Takes these instances instead; resolves when new workers serve, while old ones end what they have begun.
   */
  reload(instances: readonly number[]): Promise<void>;
}

const LOOK_EVERY_MS = 20;

/**
 * @param child the master, which starts workers, and new ones at `signal`
 * @param configure writes the configuration for these instances
 */
export async function shippedBalancer(
  child: ChildProcess,
  port: number,
  signal: NodeJS.Signals,
  configure: (instances: readonly number[]) => Promise<void>,
): Promise<ShippedBalancer> {
  const ended = once(child, 'exit');
  const { origin } = await running(child, port);
  return {
    origin,
    child,
    async reload(instances) {
      const before = new Set(workersOf(child));
      await configure(instances);
      child.kill(signal);
      while (!workersOf(child).some((worker) => !before.has(worker))) await pause(LOOK_EVERY_MS);
    },
    // The master ends its workers; killed, it would leave them.
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function workersOf({ pid }: ChildProcess): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
}
