/** Who asks, and what that lets them touch. */
import type { CloudScope } from './cloud-scope.ts';

export interface Caller {
  /**
   * For rate limits and logs, never a secret: `token:NAME`, `jwt:SUBJECT`; null for somebody who is known by
   * the address alone.
   */
  readonly name: string | null;
  readonly clouds: CloudScope;
  /** The clouds whose labels the caller may write, if `clouds` covers them too. */
  readonly writes: CloudScope;
  /** What opened the authenticator. */
  readonly by: 'nothing' | 'key' | 'signature';
}

/**
 * Tells who a bearer token belongs to. @throws NearboxError `unauthorized`, or `source_unavailable` if it
 * cannot be told now.
 */
export type TokenCheck = (token: string, signal: AbortSignal) => Promise<Caller>;
