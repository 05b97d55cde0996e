/**
 * Bearer tokens that an identity provider signs: JWTs, checked with its published keys (RFC 7519, RFC 7517,
 * RFC 8725).
 */
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { NearboxError } from '../../cache/index.ts';
import type { TokenCheck } from './caller.ts';
import { CloudScope, isScope } from './cloud-scope.ts';

/**
 * Algorithms with a private key only: a public key can then not be misused as a shared secret (RFC 8725,
 * 2.1).
 */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export interface JwtOptions {
  /** Where the keys are published. */
  readonly jwks: URL;
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** The claim with the prefixes: an array, or one string with spaces between them. */
  readonly cloudsClaim: string;
  /** The claim with the right to write labels: `true`, or prefixes as in `cloudsClaim`. */
  readonly writeClaim: string;
  readonly clockToleranceSeconds: number;
  /** Longest wait for the keys, milliseconds. Default: 3,000. */
  readonly fetchTimeoutMs?: number;
  /** How long fetched keys are used, milliseconds. Default: 10 minutes. */
  readonly keysTtlMs?: number;
  /** How much longer they are used if new keys cannot be fetched, milliseconds. Default: 1 hour. */
  readonly staleMs?: number;
  /** Shortest time between two fetches because of an unknown key, milliseconds. Default: 30,000. */
  readonly cooldownMs?: number;
}

const DEFAULTS = {
  fetchTimeoutMs: 3_000,
  keysTtlMs: 600_000,
  staleMs: 3_600_000,
  cooldownMs: 30_000,
} as const;

export function jwtCheck(options: JwtOptions): TokenCheck {
  const { issuer, audience, algorithms, cloudsClaim, writeClaim, clockToleranceSeconds } = options;
  const keys = publishedKeys({ ...DEFAULTS, ...options });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
      });
      const clouds = scopeOf(payload[cloudsClaim]);
      const writes = payload[writeClaim] === true ? clouds : scopeOf(payload[writeClaim]);
      return { name: `jwt:${payload.sub}`, clouds, writes, by: 'key' };
    } catch (error) {
      if (error instanceof NearboxError) throw error;
      // Only the library's error code is reported: the token must not appear in a message or a log.
      const why = error instanceof errors.JOSEError ? error.code : 'ERR_TOKEN';
      throw new NearboxError('unauthorized', `the key is not a valid token (${why})`, { cause: error });
    }
  };
}

/**
 * The published keys: fetched at the first use and cached. If the provider cannot be reached later, the last
 * keys are used for a limited time.
 */
function publishedKeys(options: Required<JwtOptions>): JWTVerifyGetKey {
  const { jwks, fetchTimeoutMs, keysTtlMs, staleMs, cooldownMs } = options;
  const remote = createRemoteJWKSet(jwks, {
    timeoutDuration: fetchTimeoutMs,
    cacheMaxAge: keysTtlMs,
    cooldownDuration: cooldownMs,
  });
  let lastGoodAt = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    try {
      const key = await remote(header, token);
      lastGoodAt = performance.now();
      return key;
    } catch (error) {
      if (isAboutTheKey(error)) throw error;
      const known = remote.jwks();
      if (known !== undefined && performance.now() - lastGoodAt < keysTtlMs + staleMs)
        return createLocalJWKSet(known)(header, token);
      throw new NearboxError('source_unavailable', 'the keys of the token issuer cannot be fetched', {
        cause: error,
      });
    }
  };
}

/** True if the keys were fetched, but none, or more than one, or only one of another kind matches. */
function isAboutTheKey(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSInvalid
  );
}

/** A claim that is missing or malformed gives access to nothing. */
function scopeOf(claim: unknown): CloudScope {
  const list: unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  const prefixes = list.filter((prefix): prefix is string => typeof prefix === 'string' && isScope(prefix));
  return new CloudScope(prefixes);
}
