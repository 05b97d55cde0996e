/** Whether the connection is of use for another request. */
import type { Lifecycle } from '../../lifecycle/index.ts';
import type { Middleware } from './environment.ts';

/**
 * Says `Connection: close` while the server drains, because kept-alive connections would hold it open, and
 * where the body of the request has not come to its end: what follows on that connection is the rest of it.
 */
export function connectionUse(lifecycle: Lifecycle): Middleware {
  return async (c, next) => {
    await next();
    const isUnread = c.env?.incoming?.complete === false;
    if (lifecycle.state === 'draining' || isUnread) c.res.headers.set('connection', 'close');
  };
}
