/** The deadline of a request: for its body, its work and its answer, to the last byte. */
import type { ServerResponse } from 'node:http';
import { openScope, type ScopeLimits, timeoutMsOf } from '../route/index.ts';
import type { Middleware } from './environment.ts';

/** How long the problem document of a late request may take to be written, milliseconds. */
const GRACE_MS = 1000;
/**
 * Stored files have any size: past the deadline they may go on for as long as the client takes this much,
 * bytes a second.
 */
const MIN_BYTES_PER_SECOND = 256 * 1024;

/**
 * Opens the request's scope and closes it when the answer begins. What is not written a moment after the
 * deadline is cut off.
 * @param isStoredFile true for answers of any length: only a client that hardly reads is cut off
 */
export function deadline(limits: ScopeLimits, isStoredFile: boolean): Middleware {
  return async (c, next) => {
    const timeoutMs = timeoutMsOf(c.req.header('timeout-ms'), limits);
    const scope = openScope(c.var.requestId, timeoutMs, c.req.raw.signal);
    c.set('scope', scope);
    const outgoing = c.env?.outgoing as ServerResponse | undefined;
    if (outgoing !== undefined) outgoing.once('close', cutOff(outgoing, timeoutMs, isStoredFile));
    try {
      await next();
    } finally {
      // An answer that has begun is not broken off at the deadline, but a moment later if it is not written
      // by then.
      scope.close();
    }
  };
}

/** Destroys the connection if the answer is not written in time. Returns what takes the timer away. */
function cutOff(outgoing: ServerResponse, timeoutMs: number, isStoredFile: boolean): () => void {
  const { socket } = outgoing;
  const writtenBefore = socket?.bytesWritten ?? 0;
  let lateMs = 0;
  const look = () => {
    lateMs += GRACE_MS;
    const written = (socket?.bytesWritten ?? 0) - writtenBefore;
    const isRead = isStoredFile && written >= (MIN_BYTES_PER_SECOND * lateMs) / 1000;
    if (isRead) timer = setTimeout(look, GRACE_MS);
    else outgoing.destroy();
  };
  let timer = setTimeout(look, timeoutMs + GRACE_MS);
  return () => clearTimeout(timer);
}
