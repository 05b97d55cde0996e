/**
 * Signed tile URLs: a query that gives access to the tiles of a cloud, or of all clouds below a folder, until
 * it expires. The signature is HMAC-SHA256 over scope and expiry, not over the path. So one query works for
 * every tile, callers can share it, and a CDN can leave it out of its cache key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { NearboxError } from '../../cache/index.ts';
import type { Caller } from './caller.ts';
import { CloudScope, isScope } from './cloud-scope.ts';

export interface UrlSignerOptions {
  /**
   * The first secret signs; signatures of all secrets are accepted. To rotate, put the new secret first and
   * remove the old one when its URLs have expired.
   */
  readonly secrets: readonly string[];
  /** Longest life of a URL, seconds. */
  readonly ttlSeconds: number;
  /** Expiry is rounded up to a multiple of this, seconds: within one step all callers get the same URL. */
  readonly stepSeconds: number;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

/** The parameters of a signed query, unchanged. */
export interface SignedQuery {
  readonly scope: string;
  /** Seconds since 1970. */
  readonly expires: string;
  readonly signature: string;
}

/**
 * Prefix of the signed text: signatures for another purpose or of another version of the format are not
 * valid here.
 */
const PURPOSE = 'nearbox-tiles-1';

export class UrlSigner {
  readonly #options: Required<UrlSignerOptions>;

  constructor(options: UrlSignerOptions) {
    this.#options = { now: () => Date.now() / 1000, ...options };
  }

  /**
   * A query for `scope` (a cloud id, a folder of clouds, or `*`). It is valid for at least `ttlSeconds` and
   * at most one step longer.
   */
  sign(scope: string, ttlSeconds: number): SignedQuery & { readonly expiresAt: number } {
    const { ttlSeconds: longest, stepSeconds, now, secrets } = this.#options;
    const until = now() + Math.min(ttlSeconds, longest);
    const expiresAt = Math.ceil(until / stepSeconds) * stepSeconds;
    const expires = String(expiresAt);
    return { scope, expires, expiresAt, signature: signatureOf(secrets[0]!, scope, expires) };
  }

  /** Time left until an expiry, seconds. */
  secondsUntil(expires: string): number {
    return Number(expires) - this.#options.now();
  }

  /**
   * The caller of a signed URL. @throws NearboxError `forbidden` if the signature is wrong or the URL has
   *   expired.
   */
  check({ scope, expires, signature }: SignedQuery): Caller {
    let isSigned = false;
    for (const secret of this.#options.secrets)
      if (isEqual(signature, signatureOf(secret, scope, expires))) isSigned = true;
    if (!isSigned) throw new NearboxError('forbidden', 'the signature of the URL is wrong');
    if (!isScope(scope))
      throw new NearboxError('forbidden', 'the scope of the signed URL is not a cloud id or a prefix');
    if (!(this.secondsUntil(expires) > 0)) throw new NearboxError('forbidden', 'the URL has expired');
    return { name: null, clouds: new CloudScope([scope]), writes: CloudScope.none, by: 'signature' };
  }
}

/** A scope cannot contain a newline, so the signed text is unambiguous. */
function signatureOf(secret: string, scope: string, expires: string): string {
  return createHmac('sha256', secret).update(`${PURPOSE}\n${scope}\n${expires}`).digest('base64url');
}

/** Compares in constant time; the length of a signature is not a secret. */
function isEqual(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
