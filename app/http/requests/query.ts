/** The query string, each parameter of it at most once. */
import type { Context } from 'hono';
import { NearboxError } from '../../../cache/index.ts';

/**
 * Names and values. Of a parameter that comes twice, caches, proxies and servers may each believe another
 * one: it is refused.
 * @throws NearboxError `invalid_request`.
 */
export function queryOf(c: Context): Record<string, string> {
  const twice = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1);
  if (twice.length === 0) return c.req.query();
  const fields = twice.map(([path, { length }]) => ({ path, message: `given ${length} times` }));
  const names = fields.map(({ path }) => path).join(', ');
  throw new NearboxError('invalid_request', `the query has ${names} more than once`, { fields });
}
