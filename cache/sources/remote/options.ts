/** The limits that all remote sources share. */

import type { TokenBudgetOptions } from '../../foundation/index.ts';
import { checkInteger } from '../../foundation/index.ts';
import type { OriginSteps } from '../../origin/index.ts';

export interface RemoteOptions {
  /** The most bytes that one read takes in, unless the read says otherwise. Default: 256 MiB. */
  readonly maxReadBytes?: number;
  /**
   * The most requests under way at once, each on a connection of its own; more wait for a place. Default: 64.
   */
  readonly maxConnections?: number;
  /** The longest wait for a connection. Default: 1000 ms. */
  readonly connectTimeoutMs?: number;
  /** The longest wait for the first byte of an answer, connecting included. Default: 2000 ms. */
  readonly headersTimeoutMs?: number;
  /** The longest wait for the next piece of a body. Default: 2000 ms. */
  readonly bodyTimeoutMs?: number;
  /** The longest time that one call takes, tries and waits included. Default: 15000 ms. */
  readonly timeoutMs?: number;
  /** How often one request is sent at most: 1 means no retries. Default: 3. */
  readonly maxAttempts?: number;
  /**
   * The wait before a retry after `503` and the like: a random part of this, doubled each time, 1 s at most.
   * Default: 50 ms.
   */
  readonly backoffMs?: number;
  /** How many retries all calls together may add. Default: one for ten calls, ten in a burst. */
  readonly retryBudget?: TokenBudgetOptions;
  /**
   * Reads 403 as "there is no such object". S3 answers so for a missing key when the caller may not list the
   * bucket. Off by default, as it also hides a wrong credential.
   */
  readonly forbiddenMeansAbsent?: boolean;
  /**
   * Whether an object's date is that of its being put in its place (`ObjectStat.unchangedMs`). `auto`: of S3,
   * and of answers over HTTP that show that they come from an object store. `trusted`: of all. `ignored`: of
   * none, for a gateway to a folder in which files are renamed. Default: `auto`.
   */
  readonly dates?: 'auto' | 'trusted' | 'ignored';
}

export type RemoteLimits = Required<Omit<RemoteOptions, 'retryBudget'>> & Pick<RemoteOptions, 'retryBudget'>;

const HOUR_MS = 3_600_000;

/** The options with their defaults, checked. */
export function toRemoteLimits(options: RemoteOptions): RemoteLimits {
  const {
    maxReadBytes = 256 * 1024 * 1024,
    maxConnections = 64,
    connectTimeoutMs = 1000,
    headersTimeoutMs = 2000,
    bodyTimeoutMs = 2000,
    timeoutMs = 15_000,
    maxAttempts = 3,
    backoffMs = 50,
    forbiddenMeansAbsent = false,
    dates = 'auto',
    retryBudget,
  } = options;
  checkInteger('maxReadBytes', maxReadBytes, 1, 2 ** 32);
  checkInteger('maxConnections', maxConnections, 1, 10_000);
  checkInteger('connectTimeoutMs', connectTimeoutMs, 1, HOUR_MS);
  checkInteger('headersTimeoutMs', headersTimeoutMs, 1, HOUR_MS);
  checkInteger('bodyTimeoutMs', bodyTimeoutMs, 1, HOUR_MS);
  checkInteger('timeoutMs', timeoutMs, 1, HOUR_MS);
  checkInteger('maxAttempts', maxAttempts, 1, 10);
  checkInteger('backoffMs', backoffMs, 0, 1000);
  return {
    maxReadBytes,
    maxConnections,
    connectTimeoutMs,
    headersTimeoutMs,
    bodyTimeoutMs,
    timeoutMs,
    maxAttempts,
    backoffMs,
    forbiddenMeansAbsent,
    dates,
    ...(retryBudget === undefined ? {} : { retryBudget }),
  };
}

/** The steps of the origin pipeline that these limits set. */
export function stepsOf(limits: RemoteLimits): Pick<OriginSteps, 'retry' | 'maxRequests'> {
  return { retry: limits, maxRequests: limits.maxConnections };
}
