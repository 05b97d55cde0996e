/** The state that a write replaces, as `If-Match` and `If-None-Match` name it (RFC 9110, 13.1). */
import type { Context } from 'hono';
import { NearboxError } from '../../../../cache/index.ts';

/** `ifMatch`: one of these strong tags; `ifAbsent`: there must be no document yet. */
export type NamedState = { readonly ifMatch: readonly string[] } | { readonly ifAbsent: true };

/**
 * @throws NearboxError `precondition_required` if the request names no state (`If-Match: *` names none
 *   either); `invalid_request` if it names two.
 */
export function namedState(c: Context): NamedState {
  const ifMatch = c.req.header('if-match');
  const ifNoneMatch = c.req.header('if-none-match');
  if (ifMatch !== undefined && ifNoneMatch !== undefined)
    throw new NearboxError('invalid_request', 'send If-Match or If-None-Match, not both', {
      fields: [{ path: 'headers.If-None-Match', message: 'cannot be combined with If-Match' }],
    });
  if (ifNoneMatch?.trim() === '*') return { ifAbsent: true };
  if (ifMatch === undefined || ifMatch.trim() === '*')
    throw new NearboxError(
      'precondition_required',
      'PUT needs If-Match with the ETag of the labels, or If-None-Match: * if there are none yet',
    );
  // A weak tag never matches here: the comparison is the strong one.
  return { ifMatch: ifMatch.match(/(?:W\/)?"[^"]*"/g)?.filter((tag) => tag.startsWith('"')) ?? [] };
}
