/** Memory for large answers: taken before they are made, held until they are written. */
import type { HeldRoom } from '../requests/index.ts';
import type { Answered, Middleware, MiddlewareOptions } from './environment.ts';

const NO_ROOM: HeldRoom = { resize() {}, release() {} };

/**
 * Of a route whose answers may be large. Until its handler knows how large its answer is, and calls `resize`,
 * it counts as `answerBytes`.
 */
export function answerRoom({ answerBytes }: Answered, { memory }: MiddlewareOptions): Middleware {
  return async (c, next) => {
    c.set('room', NO_ROOM);
    if (answerBytes === undefined || c.req.method === 'HEAD') return next();
    const room = await memory.reserve(answerBytes, c.var.scope.signal);
    c.set('room', room);
    const { outgoing } = c.env ?? {};
    try {
      await next();
    } finally {
      if (outgoing === undefined || outgoing.destroyed) room.release();
      else outgoing.once('close', () => room.release());
    }
  };
}
