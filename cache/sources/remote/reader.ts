/** Reads objects over a transport: every answer is checked before a byte of it is believed. */
import {
  type ByteRange,
  checkPath,
  checkRange,
  lastRange,
  type ObjectStat,
  ObjectTooLarge,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../../byte-source/index.ts';
import { isNearboxError, NearboxError } from '../../foundation/index.ts';
import { type Attempt, Attempts } from './attempts.ts';
import { collect, discard, OverLimit } from './body.ts';
import { parseContentRange, strongEtag } from './content-range.ts';
import type { RemoteLimits } from './options.ts';
import { type RemoteRequest, type RemoteResponse, TransientFailure, type Transport } from './transport.ts';

export class RemoteReader {
  readonly #transport: Transport;
  readonly #limits: RemoteLimits;
  readonly #attempts: Attempts;

  constructor(transport: Transport, limits: RemoteLimits) {
    this.#transport = transport;
    this.#limits = limits;
    this.#attempts = new Attempts(limits);
  }

  async read(path: string, options: ReadOptions = {}): Promise<StoredObject | null> {
    checkPath(path);
    options.signal?.throwIfAborted();
    const { range, last } = options;
    // Whatever the size turns out to be, sane numbers are all that is sent.
    if (last !== undefined) lastRange(path, last, Number.MAX_SAFE_INTEGER);
    if (range !== undefined) {
      // Against the largest object there can be: sane numbers, before anything is sent.
      checkRange(path, range, Number.MAX_SAFE_INTEGER);
      // HTTP has no way to ask for nothing, and what is over the limit is not asked for.
      if (range.length === 0 || range.length > this.#limit(options))
        return this.#readUnasked(path, range, options);
    }
    try {
      return await this.run(path, options.signal, (attempt) => this.#readOnce(path, options, attempt));
    } catch (error) {
      // Some stores (MinIO, R2) answer 416 where 412 is due, when a shorter object took the place of the old one.
      if (isNearboxError(error, 'range_not_satisfiable') && options.ifMatch !== undefined) {
        const now = await this.stat(path, options);
        if (now === null) return null;
        if (now.etag !== options.ifMatch) throw replaced(path);
      }
      throw error;
    }
  }

  async stat(path: string, { signal }: SourceOptions = {}): Promise<ObjectStat | null> {
    checkPath(path);
    signal?.throwIfAborted();
    return this.run(path, signal, (attempt) => this.#statOnce(path, attempt));
  }

  /** Runs a request of any kind under this reader's bounds, deadlines and retries. */
  run<T>(path: string, signal: AbortSignal | undefined, work: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#attempts.run(
      `${path || 'the root'} from ${this.#transport.label}`,
      signal,
      async (attempt) => {
        const { headersTimeoutMs } = this.#limits;
        attempt.watch.limit(headersTimeoutMs, () =>
          this.transient(path, `no answer within ${headersTimeoutMs} ms`),
        );
        return work(attempt);
      },
    );
  }

  transient(path: string, what: string, cause?: unknown): TransientFailure {
    return new TransientFailure(`${path || 'the root'} from ${this.#transport.label}: ${what}`, { cause });
  }

  /** What a read of this range would come to, for a range that is not read. */
  async #readUnasked(path: string, range: ByteRange, options: ReadOptions): Promise<StoredObject | null> {
    const stat = await this.stat(path, options);
    if (stat === null) return null;
    if (options.ifMatch !== undefined && stat.etag !== options.ifMatch) throw replaced(path);
    checkRange(path, range, stat.size);
    if (range.length > 0) throw new ObjectTooLarge(path, range.length, this.#limit(options));
    return { bytes: new Uint8Array(0), ...stat };
  }

  async #readOnce(path: string, options: ReadOptions, attempt: Attempt): Promise<StoredObject | null> {
    const { range, last, ifMatch } = options;
    const response = await this.#send({ method: 'GET', path, range, last, ifMatch, ...toRequest(attempt) });
    try {
      const isWhole = last === undefined ? range === undefined : isAllOf(path, last, response);
      const absent = this.#checkStatus(path, response, isWhole ? 200 : 206);
      if (absent) {
        await discard(response.body);
        return null;
      }
      const etag = strongEtag(response.etag);
      // For the storage that does not know `If-Match`.
      if (ifMatch !== undefined && etag !== ifMatch) throw replaced(path);
      checkEncoding(path, response);
      const span = isWhole ? null : this.#checkSpan(path, options, response);
      const size = span?.size ?? response.contentLength;
      const bytes = await this.#takeBody(path, options, span?.length ?? null, response, attempt);
      return { bytes, size: size ?? bytes.length, etag, ...placeOf(response) };
    } catch (error) {
      if (response.body?.readableFlowing === null) await discard(response.body);
      response.body?.destroy();
      throw error;
    }
  }

  async #statOnce(path: string, attempt: Attempt): Promise<ObjectStat | null> {
    const response = await this.#send({ method: 'HEAD', path, ...toRequest(attempt) });
    await discard(response.body);
    if (this.#checkStatus(path, response, 200)) return null;
    checkEncoding(path, response);
    if (response.contentLength === null) {
      throw this.#failure(path, 'the answer to HEAD does not say how long the object is');
    }
    return { size: response.contentLength, etag: strongEtag(response.etag), ...placeOf(response) };
  }

  async #send(request: RemoteRequest): Promise<RemoteResponse> {
    try {
      const response = await this.#transport.send(request);
      // A body that breaks while nobody reads it is found broken by who reads it next, and must not end the process.
      response.body?.on('error', () => {});
      return response;
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason;
      if (isNearboxError(error)) throw error;
      throw this.transient(request.path, `no answer (${reasonOf(error)})`, error);
    }
  }

  /** True if the object is absent. Throws for every other status than the one that is due. */
  #checkStatus(path: string, response: RemoteResponse, due: 200 | 206): boolean {
    const { status, failure } = response;
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
      const size = parseContentRange(response.contentRange)?.size;
      const has = size === undefined || size === null ? 'the object has less' : `the object has ${size}`;
      throw new NearboxError('range_not_satisfiable', `${path}: bytes past the end were asked for, ${has}`);
    }
    if (
      status === 408 ||
      status === 425 ||
      status === 429 ||
      (status >= 500 && ![501, 505, 508].includes(status))
    ) {
      throw new TransientFailure(`${path} from ${this.#transport.label}: answered ${said}`, {
        retryAfterMs: toMilliseconds(response.retryAfter),
      });
    }
    if (status === 200)
      throw this.#failure(path, 'a range was asked for and 200 answered: it does not do ranges');
    if (status >= 300 && status < 400)
      throw this.#failure(path, `answered ${said}; redirects are not followed`);
    throw this.#failure(path, `answered ${said}`);
  }

  /** Size of the object and length of the stretch, from an answer whose range is the one that was asked for. */
  #checkSpan(
    path: string,
    { range: asked, last: tail }: ReadOptions,
    response: RemoteResponse,
  ): { readonly size: number; readonly length: number } {
    const said = parseContentRange(response.contentRange);
    if (said?.size === undefined || said.size === null || said.span === null) {
      throw this.#failure(path, `answered 206 with Content-Range ${JSON.stringify(response.contentRange)}`);
    }
    const range = asked ?? lastRange(path, tail ?? 0, said.size);
    checkRange(path, range, said.size);
    const { first, last } = said.span;
    if (first !== range.offset || last !== range.offset + range.length - 1) {
      const due = `${range.offset}-${range.offset + range.length - 1}`;
      throw this.transient(path, `bytes ${due} were asked for and ${first}-${last} answered`);
    }
    return { size: said.size, length: range.length };
  }

  /** `due` is the length that the body must have, if that is known. */
  async #takeBody(
    path: string,
    options: ReadOptions,
    due: number | null,
    response: RemoteResponse,
    { watch }: Attempt,
  ) {
    const limit = this.#limit(options);
    const { body, contentLength } = response;
    const length = due ?? contentLength;
    if (contentLength !== null && contentLength !== length) {
      throw this.transient(path, `a body of ${contentLength} bytes was announced where ${length} are due`);
    }
    if (length !== null && length > limit) throw new ObjectTooLarge(path, length, limit);
    if (!response.framed) throw this.#failure(path, 'the answer does not say how long it is');
    if (body === null) throw this.#failure(path, 'answered without a body');

    const { bodyTimeoutMs } = this.#limits;
    watch.limit(bodyTimeoutMs, () => this.transient(path, `the body stalled for ${bodyTimeoutMs} ms`));
    try {
      return await collect(body, { length, limit, onProgress: () => watch.refresh() });
    } catch (error) {
      if (watch.signal.aborted) throw watch.signal.reason;
      if (error instanceof OverLimit) throw new ObjectTooLarge(path, limit + 1, limit);
      throw this.transient(path, `the body broke off (${reasonOf(error)})`, error);
    }
  }

  #limit(options: ReadOptions): number {
    return options.maxBytes ?? this.#limits.maxReadBytes;
  }

  #failure(path: string, what: string): NearboxError {
    return new NearboxError('source_unavailable', `${path} from ${this.#transport.label}: ${what}`);
  }
}

function placeOf({ unchangedMs }: RemoteResponse): Pick<ObjectStat, 'unchangedMs'> {
  return unchangedMs === undefined ? {} : { unchangedMs };
}

function toRequest({ number, watch }: Attempt) {
  return { signal: watch.signal, fresh: number > 1 };
}

function replaced(path: string): NearboxError {
  return new NearboxError('cloud_changed', `${path} was replaced while it was read`);
}

/** True if the last bytes that were asked for are the whole object, and that is what came. Throws `range_not_satisfiable` if it is empty. */
function isAllOf(path: string, last: number, { status, contentLength }: RemoteResponse): boolean {
  return (
    status === 200 && contentLength !== null && lastRange(path, last, contentLength).length === contentLength
  );
}

/** We ask for `identity`. `aws-chunked` is how an upload was sent, which some stores repeat on reads; the bytes are plain. */
function checkEncoding(path: string, { contentEncoding }: RemoteResponse): void {
  const encodings = (contentEncoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  const encoded = encodings.filter((name) => name !== '' && name !== 'identity' && name !== 'aws-chunked');
  if (encoded.length > 0) {
    throw new NearboxError(
      'source_unavailable',
      `${path} comes with Content-Encoding ${encoded.join(', ')}; store it as it is`,
    );
  }
}

/** `Retry-After` in seconds. A date is as good as none: clocks differ. */
function toMilliseconds(retryAfter: string | null): number | null {
  return retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}

/** The code of a system error, else its message; never a stack or an address with credentials. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : error.message || error.name;
}
