/** What S3 and HTTP have in common: requests with a range, answers with a status. */
import type { Readable } from 'node:stream';
import type { ByteRange } from '../../byte-source/index.ts';
import { NearboxError } from '../../foundation/index.ts';

export interface RemoteRequest {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly range?: ByteRange | undefined;
  /** Instead of a range: the last so many bytes. */
  readonly last?: number | undefined;
  readonly ifMatch?: string | undefined;
  /** Ends the request, and the body of its answer. */
  readonly signal: AbortSignal;
  /** On a connection that was not used before: for retries. */
  readonly fresh: boolean;
}

export interface RemoteResponse {
  readonly status: number;
  /** The storage's own word for a failure (`SlowDown`), if there is one. */
  readonly failure?: string | undefined;
  readonly contentLength: number | null;
  /** True if the end of the body can be told from a broken connection: a length, or chunks. */
  readonly framed: boolean;
  readonly contentRange: string | null;
  readonly contentEncoding: string | null;
  readonly etag: string | null;
  readonly retryAfter: string | null;
  /** See `ObjectStat.unchangedMs`. */
  readonly unchangedMs?: number | undefined;
  /** Must be read to its end or destroyed. Null: there is none, or it was read already. */
  readonly body: Readable | null;
}

/** Sends one request, once. Rejects if there is no answer; an answer of any status is a value. */
export interface Transport {
  readonly label: string;
  send(request: RemoteRequest): Promise<RemoteResponse>;
}

/** A failure that a second try may not see. */
export class TransientFailure extends NearboxError {
  /** What the storage asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { cause, retryAfterMs = null }: { cause?: unknown; retryAfterMs?: number | null } = {},
  ) {
    super('source_unavailable', message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}
