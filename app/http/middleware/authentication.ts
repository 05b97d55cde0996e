/** Who asks, and whether the route has checked what they may touch. */
import type { Context } from 'hono';
import { isNearboxError } from '../../../cache/index.ts';
import { RequestAccess } from '../../access/index.ts';
import { clientAddress, Quota } from '../../limits/index.ts';
import { asPrivate } from '../answers/index.ts';
import { queryOf } from '../requests/index.ts';
import type { Answered, HttpEnvironment, Middleware, MiddlewareOptions } from './environment.ts';

/** Authenticates the caller. Failed attempts count against the address that they come from. */
export function authentication({ access: need }: Answered, options: MiddlewareOptions): Middleware {
  const { authenticator, limits } = options;
  return async (c, next) => {
    const credentials = { authorization: c.req.header('authorization'), query: queryOf(c) };
    try {
      const caller = await authenticator.authenticate(need, credentials, c.var.scope.signal);
      c.set('access', new RequestAccess(caller));
    } catch (error) {
      if (isNearboxError(error, 'unauthorized') || isNearboxError(error, 'forbidden'))
        await new Quota(limits, `failed:${addressOf(c, options)}`).spend(1);
      throw error;
    }
    await next();
  };
}

/** Spends what the route costs, and tells the caller what is left. */
export function rateLimit({ access: need, cost = 1 }: Answered, options: MiddlewareOptions): Middleware {
  return async (c, next) => {
    const name = c.var.access.caller.name ?? `address:${addressOf(c, options)}`;
    const quota = new Quota(options.limits, name);
    c.set('quota', quota);
    try {
      if (need !== 'open') await quota.spend(cost);
      await next();
    } finally {
      c.set('quota', quota);
    }
  };
}

/** Sets the headers of the rate limit on every answer, problems included. */
export const rateLimitHeaders: Middleware = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(c.get('quota')?.headers() ?? {})) c.res.headers.set(name, value);
};

/**
 * Holds an answer back whose route reads clouds and did not check the caller's rights, and lets only the
 * caller keep what a key has opened.
 * @throws Error the route has a bug
 */
export function authorizationChecked({ path, access: need }: Answered): Middleware {
  return async (c, next) => {
    await next();
    if (c.error !== undefined) return;
    const { access } = c.var;
    const isOfClouds = need === 'clouds' || need === 'clouds-or-signature';
    if (isOfClouds && !access.isChecked) throw new Error(`${path} did not check what the caller may touch`);
    if (access.caller.by === 'key') asPrivate(c.res.headers);
  };
}

function addressOf(c: Context<HttpEnvironment>, { clientAddressHeader }: MiddlewareOptions): string {
  return clientAddress(c, clientAddressHeader);
}
