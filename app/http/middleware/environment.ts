/** What middleware and handlers of one request share, and which options they have. */
import type { HttpBindings } from '@hono/node-server';
import type { MiddlewareHandler } from 'hono';
import type { Authenticator, RequestAccess } from '../../access/index.ts';
import type { Lifecycle } from '../../lifecycle/index.ts';
import type { Quota, RateLimits } from '../../limits/index.ts';
import type { Log } from '../../observability/index.ts';
import type { RequestTrace, Tracing } from '../../tracing/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { HeldRoom, HttpMemory } from '../requests/index.ts';
import type { OpenScope, Route, ScopeLimits } from '../route/index.ts';

export interface HttpEnvironment {
  /** Left out where a test asks the application without a socket. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    trace: RequestTrace;
    scope: OpenScope;
    access: RequestAccess;
    quota: Quota;
    room: HeldRoom;
  };
}

export interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Default: no traces. */
  readonly tracing?: Tracing | undefined;
}

export type Middleware = MiddlewareHandler<HttpEnvironment>;

/** What is done for a path: `path` is the template that metrics have the request under. */
export type Answered = Pick<Route, 'path' | 'access' | 'cost' | 'timeoutMs' | 'answerBytes' | 'handler'>;

export interface MiddlewareOptions extends ScopeLimits, Observers {
  readonly lifecycle: Lifecycle;
  readonly authenticator: Authenticator;
  /** null: rate limiting is off. */
  readonly limits: RateLimits | null;
  /** Room for bodies that are being read and answers that are being written. */
  readonly memory: HttpMemory;
  /** The header in which a proxy in front tells the client's address. Default: none. */
  readonly clientAddressHeader?: string | undefined;
}
