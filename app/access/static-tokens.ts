/** Bearer tokens from the operator's list: stored as SHA-256 hashes, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { NearboxError } from '../../cache/index.ts';
import type { TokenCheck } from './caller.ts';
import { CloudScope, isScope } from './cloud-scope.ts';

const MIN_TOKEN_LENGTH = 16;
const MAX_TOKENS = 10_000;

const scopeList = z.array(z.string().refine(isScope, 'neither `*` nor the prefix of a cloud id')).max(1000);

/** `token` is a b64token of RFC 6750: it can stand in a header unchanged. */
const entry = z
  .strictObject({
    name: z.string().regex(/^[\w.@-]{1,64}$/, 'up to 64 letters, digits, `_`, `.`, `@` and `-`'),
    token: z
      .string()
      .min(MIN_TOKEN_LENGTH)
      .max(1024)
      .regex(/^[\w.~+/-]+=*$/, 'letters, digits and -._~+/ with = at the end')
      .optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, '64 hexadecimal digits')
      .optional(),
    clouds: scopeList,
    write: z.union([z.boolean(), scopeList]).default(false),
  })
  .refine(({ token, sha256 }) => (token === undefined) !== (sha256 === undefined), {
    message: 'an entry needs either `token` or `sha256`',
  });

/**
 * The format of the list:
 * `[{"name", "token" or "sha256", "clouds": [prefix or "*", ...], "write"?: true or prefixes}, ...]`.
 */
export const tokenListSchema = z
  .array(entry)
  .min(1)
  .max(MAX_TOKENS)
  .refine(
    (list) => new Set(list.map(({ name }) => name)).size === list.length,
    'two entries have the same name',
  )
  .transform((list) =>
    list.map(({ name, token, sha256, clouds, write }) => ({
      name,
      hash: sha256 === undefined ? sha256Of(token!) : Buffer.from(sha256, 'hex'),
      clouds: new CloudScope(clouds),
      writes: new CloudScope(write === true ? clouds : write === false ? [] : write),
    })),
  );

export type TokenList = z.output<typeof tokenListSchema>;

/**
 * Compares with every entry, also after a match: the time must not reveal which entry matches, or how
 * nearly.
 */
export function staticTokens(list: TokenList): TokenCheck {
  return async (token) => {
    const hash = sha256Of(token);
    let found: TokenList[number] | undefined;
    for (const one of list) if (timingSafeEqual(one.hash, hash)) found ??= one;
    if (found === undefined) throw new NearboxError('unauthorized', 'unknown key');
    return { name: `token:${found.name}`, clouds: found.clouds, writes: found.writes, by: 'key' };
  };
}

function sha256Of(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
