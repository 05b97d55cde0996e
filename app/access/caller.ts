/** Who sends a request, and which clouds they have access to. */
import type { CloudScope } from './cloud-scope.ts';

export interface Caller {
  /**
   * For rate limits and logs, never a secret: `token:NAME` or `jwt:SUBJECT`; null if only the address is
   * known.
   */
  readonly name: string | null;
  readonly clouds: CloudScope;
  /** The clouds whose labels the caller may write, if `clouds` covers them too. */
  readonly writes: CloudScope;
  /** How the caller was authenticated. */
  readonly by: 'nothing' | 'key' | 'signature';
}

/**
 * Returns the caller that a bearer token belongs to. @throws NearboxError `unauthorized`, or
 * `source_unavailable` if the token cannot be checked now.
 */
export type TokenCheck = (token: string, signal: AbortSignal) => Promise<Caller>;
