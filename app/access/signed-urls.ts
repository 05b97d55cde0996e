/**
 * Signed tile URLs: a query that opens the tiles of a cloud, or of all clouds below a folder, until it
 * expires. The signature is HMAC-SHA256 over scope and expiry, and not over the path: one query serves every
 * tile, so that callers share it, and a CDN can leave it out of its cache key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { NearboxError } from '../../cache/index.ts';
import type { Caller } from './caller.ts';
import { CloudScope, isScope } from './cloud-scope.ts';

export interface UrlSignerOptions {
  /**
   * The first one signs, all of them are believed: put the new one in front, take the old one away when its
   * URLs have expired.
   */
  readonly secrets: readonly string[];
  /** Longest life of a URL, seconds. */
  readonly ttlSeconds: number;
  /** Expiry is rounded up to a multiple of this, seconds: within a step everybody gets the same URL. */
  readonly stepSeconds: number;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

/** The parts of a signed query, as they stand in it. */
export interface SignedQuery {
  readonly scope: string;
  /** Seconds since 1970. */
  readonly expires: string;
  readonly signature: string;
}

/**
 * What is signed begins with this: the secret's signatures mean nothing else, and a later form is no older
 * one.
 */
const PURPOSE = 'nearbox-tiles-1';

export class UrlSigner {
  readonly #options: Required<UrlSignerOptions>;

  constructor(options: UrlSignerOptions) {
    this.#options = { now: () => Date.now() / 1000, ...options };
  }

  /**
   * A query for `scope` (a cloud id, a folder of clouds, or `*`) that is good for at least `ttlSeconds`, and
   * at most a step longer.
   */
  sign(scope: string, ttlSeconds: number): SignedQuery & { readonly expiresAt: number } {
    const { ttlSeconds: longest, stepSeconds, now, secrets } = this.#options;
    const until = now() + Math.min(ttlSeconds, longest);
    const expiresAt = Math.ceil(until / stepSeconds) * stepSeconds;
    const expires = String(expiresAt);
    return { scope, expires, expiresAt, signature: signatureOf(secrets[0]!, scope, expires) };
  }

  /** How long an expiry is away, seconds. */
  secondsUntil(expires: string): number {
    return Number(expires) - this.#options.now();
  }

  /**
   * Who may come in with it. @throws NearboxError `forbidden` if it was not signed here, or not so, or has
   * expired.
   */
  check({ scope, expires, signature }: SignedQuery): Caller {
    let isSigned = false;
    for (const secret of this.#options.secrets)
      if (isEqual(signature, signatureOf(secret, scope, expires))) isSigned = true;
    if (!isSigned) throw new NearboxError('forbidden', 'the URL is not signed, or was changed');
    if (!isScope(scope)) throw new NearboxError('forbidden', 'the URL is signed for no cloud');
    if (!(this.secondsUntil(expires) > 0)) throw new NearboxError('forbidden', 'the URL has expired');
    return { name: null, clouds: new CloudScope([scope]), writes: CloudScope.none, by: 'signature' };
  }
}

/** The newline cannot be in a scope. */
function signatureOf(secret: string, scope: string, expires: string): string {
  return createHmac('sha256', secret).update(`${PURPOSE}\n${scope}\n${expires}`).digest('base64url');
}

/** In constant time for texts of one length; the length of a signature is no secret. */
function isEqual(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
