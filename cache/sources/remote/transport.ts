/** What S3 and HTTP have in common: requests with a range, answers with a status. */
import type { ByteRange, StoredPlace } from '../../byte-source/index.ts';
import type { BodyPlan } from './body-sink.ts';

export interface RemoteRequest {
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly range?: ByteRange | undefined;
  /** Instead of a range: the last so many bytes. */
  readonly last?: number | undefined;
  readonly ifMatch?: string | undefined;
  /** On a connection that was not used before: for retries. */
  readonly fresh: boolean;
}

/** An answer without its body. */
export interface RemoteHead {
  readonly status: number;
  /** The storage's own word for a failure (`SlowDown`), if there is one. */
  readonly failure?: string | undefined;
  readonly contentLength: number | null;
  /** True if the end of the body can be told from a broken connection: by a length, or by chunks. */
  readonly framed: boolean;
  readonly contentRange: string | null;
  readonly contentEncoding: string | null;
  readonly etag: string | null;
  readonly retryAfter: string | null;
  /** See `ObjectStat`. */
  readonly placement?: StoredPlace | undefined;
  readonly unchangedMs?: number | undefined;
}

export interface ExchangeHandlers {
  /**
   * Told of the answer's head before any of its body is taken. Says how much of the body to take; null: none
   * is wanted. If it throws, the request is ended and its body rejects with that error.
   */
  onHead(head: RemoteHead): BodyPlan | null;
  /** Told of each piece of the body. */
  onProgress(): void;
}

/** A request under way. */
export interface Exchange {
  /**
   * The body; null if none was wanted. Rejects if there is no answer, if the body breaks off, or if the
   * exchange is cancelled.
   */
  readonly body: Promise<Uint8Array<ArrayBuffer> | null>;
  /** Ends the request and its connection. */
  cancel(reason: Error): void;
}

/** Sends one request, once. An answer of any status is an answer. */
export interface Transport {
  readonly label: string;
  send(request: RemoteRequest, handlers: ExchangeHandlers): Exchange;
}
