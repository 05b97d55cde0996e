/** Objects behind a transport, one attempt a call: every answer is checked before its body is taken. */
import {
  type ByteRange,
  type ByteSource,
  checkPath,
  checkRange,
  lastRange,
  type ObjectStat,
  ObjectTooLarge,
  type SourceOptions,
  type SourceReadOptions,
  type StoredObject,
} from '../../byte-source/index.ts';
import { isNearboxError, NearboxError, whenAborted } from '../../foundation/index.ts';
import { TransientFailure } from '../../origin/index.ts';
import { type BodyPlan, OverLimit } from './body-sink.ts';
import { parseContentRange, strongEtag } from './content-range.ts';
import type { RemoteLimits } from './options.ts';
import { StallTimer } from './stall-timer.ts';
import type { RemoteHead, RemoteRequest, Transport } from './transport.ts';

interface StoreAnswer {
  readonly head: RemoteHead;
  /** null: the object is absent, or the request was a HEAD. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly isAbsent: boolean;
}

export class RemoteStore implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly #transport: Transport;
  readonly #limits: RemoteLimits;

  constructor(transport: Transport, limits: RemoteLimits, rootName: string | null) {
    this.label = transport.label;
    this.rootName = rootName;
    this.#transport = transport;
    this.#limits = limits;
  }

  async read(path: string, options: SourceReadOptions = {}): Promise<StoredObject | null> {
    checkPath(path);
    const { range, last } = options;
    // Numbers that no object can have are refused before anything is sent.
    if (last !== undefined) lastRange(path, last, Number.MAX_SAFE_INTEGER);
    if (range !== undefined) {
      checkRange(path, range, Number.MAX_SAFE_INTEGER);
      // HTTP has no range of no bytes, and what is over the limit is not asked for.
      if (range.length === 0 || range.length > this.#limit(options))
        return this.#readNothing(path, range, options);
    }
    try {
      return await this.#readOnce(path, options);
    } catch (error) {
      // Some stores (MinIO, R2) answer 416 where 412 is due, when a shorter object took the place of the old
      // one.
      if (isNearboxError(error, 'range_not_satisfiable') && options.ifMatch !== undefined) {
        const now = await this.stat(path, options);
        if (now === null) return null;
        if (now.etag !== options.ifMatch) throw replaced(path);
      }
      throw error;
    }
  }

  async stat(path: string, { signal, fresh = false }: SourceOptions = {}): Promise<ObjectStat | null> {
    checkPath(path);
    const { head, isAbsent } = await this.#exchange({ method: 'HEAD', path, fresh }, signal, (answered) => {
      if (this.#checkStatus(path, answered, 200)) return null;
      checkEncoding(path, answered);
      return 'head';
    });
    if (isAbsent) return null;
    if (head.contentLength === null)
      throw this.#failure(path, 'the answer to HEAD does not say how long the object is');
    return { size: head.contentLength, etag: strongEtag(head.etag), ...placementOf(head) };
  }

  /** The answer to a read of a range that is not sent: an empty range, or one over the limit. */
  async #readNothing(
    path: string,
    range: ByteRange,
    options: SourceReadOptions,
  ): Promise<StoredObject | null> {
    const stat = await this.stat(path, options);
    if (stat === null) return null;
    if (options.ifMatch !== undefined && stat.etag !== options.ifMatch) throw replaced(path);
    checkRange(path, range, stat.size);
    if (range.length > 0) throw new ObjectTooLarge(path, range.length, this.#limit(options));
    return { bytes: new Uint8Array(0), ...stat };
  }

  async #readOnce(path: string, options: SourceReadOptions): Promise<StoredObject | null> {
    const { range, last, ifMatch, signal, fresh = false } = options;
    let size: number | null = null;
    const request = { method: 'GET', path, range, last, ifMatch, fresh } as const;
    const { head, bytes } = await this.#exchange(request, signal, (answered) => {
      const isWhole = last === undefined ? range === undefined : isAllOf(path, last, answered);
      if (this.#checkStatus(path, answered, isWhole ? 200 : 206)) return null;
      // For storage that ignores `If-Match`.
      if (ifMatch !== undefined && strongEtag(answered.etag) !== ifMatch) throw replaced(path);
      checkEncoding(path, answered);
      const span = isWhole ? null : this.#checkSpan(path, options, answered);
      size = span?.size ?? answered.contentLength;
      return this.#bodyPlan(path, options, span?.length ?? null, answered);
    });
    if (bytes === null) return null;
    return { bytes, size: size ?? bytes.length, etag: strongEtag(head.etag), ...placementOf(head) };
  }

  /**
   * Sends a request and waits for its end within the limits for a first and for the next bytes. `accept`
   * checks the head and says what to take of the body: null if the object is absent, `head` if there is none.
   */
  #exchange(
    request: RemoteRequest,
    signal: AbortSignal | undefined,
    accept: (head: RemoteHead) => BodyPlan | 'head' | null,
  ): Promise<StoreAnswer> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { path } = request;
    const { headersTimeoutMs, bodyTimeoutMs } = this.#limits;
    return new Promise((resolve, reject) => {
      let head: RemoteHead | null = null;
      let isAbsent = false;
      const timer = new StallTimer((reason) => stop(reason));
      const release = () => {
        timer.clear();
        unlink();
      };
      const stop = (reason: Error) => {
        release();
        reject(reason);
        exchange.cancel(reason);
      };
      const exchange = this.#transport.send(request, {
        onHead: (answered) => {
          head = answered;
          timer.limit(bodyTimeoutMs, () => this.#transient(path, `the body stalled for ${bodyTimeoutMs} ms`));
          const plan = accept(answered);
          isAbsent = plan === null;
          return plan === 'head' ? null : plan;
        },
        onProgress: () => timer.refresh(),
      });
      timer.limit(headersTimeoutMs, () => this.#transient(path, `no answer within ${headersTimeoutMs} ms`));
      const unlink = whenAborted(signal, (reason) => stop(reason as Error));
      exchange.body.then(
        (bytes) => {
          release();
          resolve({ head: head!, bytes, isAbsent });
        },
        (error: unknown) => {
          release();
          reject(this.#explain(path, error, head));
        },
      );
    });
  }

  /** What an exchange rejected with, as an error of this store. */
  #explain(path: string, error: unknown, head: RemoteHead | null): unknown {
    if (error instanceof OverLimit) return new ObjectTooLarge(path, error.limit + 1, error.limit);
    if (isNearboxError(error)) return error;
    const what = head === null ? 'no answer' : 'the body broke off';
    return this.#transient(path, `${what} (${reasonOf(error)})`, error);
  }

  /** True if the object is absent. Throws for every other status than `due`. */
  #checkStatus(path: string, head: RemoteHead, due: 200 | 206): boolean {
    const { status, failure } = head;
    if (status === due) return false;
    const said = failure === undefined ? `${status}` : `${status} ${failure}`;
    if ((status === 404 && failure !== 'NoSuchBucket') || status === 410) return true;
    if (status === 403) {
      if (this.#limits.forbiddenMeansAbsent) return true;
      throw this.#failure(
        path,
        `answered ${said}; the credentials may not read it, or it is missing and they may not list (see the option that reads 403 as absent)`,
      );
    }
    if (status === 412) throw replaced(path);
    if (status === 416) {
      const size = parseContentRange(head.contentRange)?.size;
      const has = size === undefined || size === null ? 'the object has less' : `the object has ${size}`;
      throw new NearboxError('range_not_satisfiable', `${path}: bytes past the end were requested, ${has}`);
    }
    if (isTransient(status)) {
      throw new TransientFailure(`${path} from ${this.label}: answered ${said}`, {
        retryAfterMs: toMilliseconds(head.retryAfter),
      });
    }
    if (status === 200)
      throw this.#failure(path, 'a range was asked for and 200 answered: it does not do ranges');
    if (status >= 300 && status < 400)
      throw this.#failure(path, `answered ${said}; redirects are not followed`);
    throw this.#failure(path, `answered ${said}`);
  }

  /** Size of the object and length of the body, from an answer whose range is the one that was asked for. */
  #checkSpan(
    path: string,
    { range: asked, last: tail }: SourceReadOptions,
    head: RemoteHead,
  ): { readonly size: number; readonly length: number } {
    const said = parseContentRange(head.contentRange);
    if (said?.size === undefined || said.size === null || said.span === null) {
      throw this.#failure(path, `answered 206 with Content-Range ${JSON.stringify(head.contentRange)}`);
    }
    const range = asked ?? lastRange(path, tail ?? 0, said.size);
    checkRange(path, range, said.size);
    const { first, last } = said.span;
    if (first !== range.offset || last !== range.offset + range.length - 1) {
      const due = `${range.offset}-${range.offset + range.length - 1}`;
      throw this.#transient(path, `bytes ${due} were asked for and ${first}-${last} answered`);
    }
    return { size: said.size, length: range.length };
  }

  /** `due`: the length that the body must have, if that is known. */
  #bodyPlan(
    path: string,
    options: SourceReadOptions,
    due: number | null,
    { contentLength, framed }: RemoteHead,
  ): BodyPlan {
    const limit = this.#limit(options);
    const length = due ?? contentLength;
    if (contentLength !== null && contentLength !== length) {
      throw this.#transient(path, `a body of ${contentLength} bytes was announced where ${length} are due`);
    }
    if (length !== null && length > limit) throw new ObjectTooLarge(path, length, limit);
    if (!framed) throw this.#failure(path, 'the answer does not say how long it is');
    // A part of an object may be cut up for several callers, and then nobody knows when it is free.
    const isWhole = options.range === undefined && options.last === undefined;
    return { length, limit, buffers: isWhole ? options.buffers : undefined };
  }

  #limit(options: SourceReadOptions): number {
    return options.maxBytes ?? this.#limits.maxReadBytes;
  }

  #transient(path: string, what: string, cause?: unknown): TransientFailure {
    return new TransientFailure(`${path} from ${this.label}: ${what}`, { cause });
  }

  #failure(path: string, what: string): NearboxError {
    return new NearboxError('source_unavailable', `${path} from ${this.label}: ${what}`);
  }
}

/** Statuses after which a second attempt makes sense. */
function isTransient(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && ![501, 505, 508].includes(status));
}

function placementOf({ placement, unchangedMs }: RemoteHead): Pick<ObjectStat, 'placement' | 'unchangedMs'> {
  return {
    ...(placement !== undefined && { placement }),
    ...(unchangedMs !== undefined && { unchangedMs }),
  };
}

function replaced(path: string): NearboxError {
  return new NearboxError('cloud_changed', `${path} was replaced while it was read`);
}

/**
 * True if the last bytes that were asked for are the whole object, and that is what came. Throws
 * `range_not_satisfiable` if it is empty.
 */
function isAllOf(path: string, last: number, { status, contentLength }: RemoteHead): boolean {
  return (
    status === 200 && contentLength !== null && lastRange(path, last, contentLength).length === contentLength
  );
}

/**
 * We ask for `identity`. `aws-chunked` is how an upload was sent, which some stores repeat on reads; the
 * bytes are plain.
 */
function checkEncoding(path: string, { contentEncoding }: RemoteHead): void {
  if (contentEncoding === null) return;
  const encodings = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  const encoded = encodings.filter((name) => name !== '' && name !== 'identity' && name !== 'aws-chunked');
  if (encoded.length > 0) {
    throw new NearboxError(
      'source_unavailable',
      `${path} comes with Content-Encoding ${encoded.join(', ')}; store it as it is`,
    );
  }
}

/** `Retry-After` in seconds. A date is ignored: clocks differ. */
function toMilliseconds(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}

/** The code of a system error, else its message; never a stack or an address with credentials. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : error.message || error.name;
}
