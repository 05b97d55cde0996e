/**
 * How a server ends without failing a request: it says so, goes on answering for a moment, then stops
 * listening and lets what runs come to its end.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Log } from '../observability/index.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface DrainOptions {
  /**
   * How long requests are still taken while `/readyz` says that the server stops: until balancers have
   * noticed. Milliseconds.
   */
  readonly delayMs: number;
  /** Longest wait altogether, milliseconds. What has not been answered by then is cut off. */
  readonly boundMs: number;
  readonly lifecycle: Lifecycle;
  readonly log: Log;
}

const POLL_INTERVAL_MS = 20;

/** Resolves when the last connection is closed. */
export async function drainServer(server: Server, options: DrainOptions): Promise<void> {
  const { delayMs, boundMs, lifecycle, log } = options;
  lifecycle.drain();
  if (!server.listening) return;
  const bound = setTimeout(() => {
    log.warn('drain bound reached, closing connections', { drainMs: boundMs });
    server.closeAllConnections();
  }, boundMs);
  try {
    // A connection that is kept alive cannot be closed by this side without the risk that a request is on its
    // way on it. Meanwhile every answer says `Connection: close`, so that the other side does it; what is
    // left after that has long been idle.
    await untilUnused(server, Math.min(delayMs, boundMs));
    const closed = once(server, 'close');
    server.close();
    const sweep = setInterval(() => server.closeIdleConnections(), POLL_INTERVAL_MS);
    await closed.finally(() => clearInterval(sweep));
  } finally {
    clearTimeout(bound);
  }
}

/** Resolves when there is no connection, or after so many milliseconds. */
function untilUnused(server: Server, ms: number): Promise<void> {
  if (ms === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timeout);
      clearInterval(poll);
      resolve();
    };
    const check = () => server.getConnections((error, count) => (error !== null || count === 0) && done());
    const timeout = setTimeout(done, ms);
    const poll = setInterval(check, POLL_INTERVAL_MS);
    check();
  });
}
