/**
 * Documents as objects of a bucket, written with S3's conditional writes: `If-Match` and `If-None-Match` on
 * PutObject. A removed document stays as an empty object, because not every store can make a removal
 * conditional.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-s3';
import {
  checkPath,
  NearboxError,
  parseS3Uri,
  type S3ClientOptions,
  s3ClientConfig,
} from '../../cache/index.ts';
import {
  type DocumentOptions,
  type DocumentPage,
  type DocumentPageOptions,
  type DocumentStore,
  type Precondition,
  PreconditionFailed,
  type StoredDocument,
} from './document-store.ts';

export interface S3DocumentsOptions extends S3ClientOptions {
  /** `s3://bucket` or `s3://bucket/prefix`. */
  readonly uri: string;
  /** Longest wait for one answer of the store, milliseconds. Default: 5,000. */
  readonly requestTimeoutMs?: number;
}

/** Attempts of one call, and the waits between them, milliseconds. */
const BACKOFF_MS = [20, 50, 100, 200, 500, 1000];
const MAX_CONNECTIONS = 64;
const MAX_DOCUMENT_BYTES = 64 * 2 ** 20;
const PROBE_KEY = '~probe';
const EMPTY = new Uint8Array(0);

export class S3Documents implements DocumentStore {
  readonly label: string;
  readonly #client: sdk.S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  /**
   * Whether the store's ETags are MD5 sums of the content, as the probe's was; false if it encrypts with its
   * own keys.
   */
  #hasMd5Tags = false;

  private constructor({ uri, requestTimeoutMs = 5000, ...options }: S3DocumentsOptions) {
    const { bucket, prefix } = parseS3Uri(uri);
    this.label = uri;
    this.#bucket = bucket;
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.#client = new sdk.S3Client({
      ...s3ClientConfig(options),
      requestHandler: {
        connectionTimeout: Math.min(2000, requestTimeoutMs),
        requestTimeout: requestTimeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: agent,
        httpsAgent: agent,
      },
    });
  }

  /**
   * @throws NearboxError `source_unavailable` if the store cannot be reached, or has no conditional writes:
   *   two servers would lose each other's work.
   * @throws TypeError if the URI names no bucket.
   */
  static async open(options: S3DocumentsOptions): Promise<S3Documents> {
    const store = new S3Documents(options);
    try {
      await store.#requireConditionalWrites();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async read(key: string, { signal }: DocumentOptions = {}): Promise<StoredDocument | null> {
    const object = await this.#get(key, signal);
    return object === null || object.bytes.byteLength === 0 ? null : object;
  }

  async write(
    key: string,
    bytes: Uint8Array,
    precondition: Precondition,
    { signal }: DocumentOptions = {},
  ): Promise<{ readonly etag: string }> {
    if (bytes.byteLength === 0) throw new RangeError('a document has at least one byte');
    const { etag, isRetried } = await this.#put(key, bytes, precondition, signal);
    if (etag !== null) return { etag };
    const present = await this.#get(key, signal);
    // An earlier attempt was stored, but its answer was lost.
    if (isRetried && present !== null && Buffer.compare(present.bytes, bytes) === 0)
      return { etag: present.etag };
    if ('ifAbsent' in precondition && present?.bytes.byteLength === 0) {
      const again = await this.#put(key, bytes, { ifMatch: present.etag }, signal);
      if (again.etag !== null) return { etag: again.etag };
    }
    throw new PreconditionFailed(
      key,
      present === null || present.bytes.byteLength === 0 ? null : present.etag,
    );
  }

  async remove(key: string, ifMatch: string, { signal }: DocumentOptions = {}): Promise<void> {
    const { etag, isRetried } = await this.#put(key, EMPTY, { ifMatch }, signal);
    if (etag !== null) return;
    const present = await this.read(key, { signal });
    if (isRetried && present === null) return;
    throw new PreconditionFailed(key, present?.etag ?? null);
  }

  async list({ prefix, after, limit, signal }: DocumentPageOptions): Promise<DocumentPage> {
    const output = await this.#call(signal, (options) =>
      this.#client.send(
        new sdk.ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: `${this.#prefix}${prefix}`,
          MaxKeys: limit,
          ...(after !== null && { StartAfter: `${this.#prefix}${after}` }),
        }),
        options,
      ),
    );
    const objects = (output.Contents ?? []).map(({ Key = '', Size = 0 }) => ({
      key: Key.slice(this.#prefix.length),
      size: Size,
    }));
    const keys = objects.filter(({ key, size }) => size > 0 && !key.startsWith('~')).map(({ key }) => key);
    return { keys, next: output.IsTruncated === true ? (objects.at(-1)?.key ?? null) : null };
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** The object, an empty one too; null if there is none. */
  async #get(key: string, signal: AbortSignal | undefined): Promise<StoredDocument | null> {
    checkPath(key);
    return this.#call(signal, async (options) => {
      try {
        const output = await this.#client.send(
          new sdk.GetObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}${key}` }),
          options,
        );
        if ((output.ContentLength ?? 0) > MAX_DOCUMENT_BYTES)
          throw new NearboxError('source_unavailable', `${key} has more than ${MAX_DOCUMENT_BYTES} bytes`);
        const bytes = (await output.Body?.transformToByteArray()) ?? EMPTY;
        const etag = output.ETag ?? '';
        // A gateway that keeps tags beside its files may answer with the bytes of one state and the tag of
        // another.
        if (this.#hasMd5Tags && MD5_TAG.test(etag) && etag !== md5Tag(bytes))
          throw new Error(`${key}: the tag is not that of the bytes`);
        return { bytes, etag };
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  /**
   * The new tag; null if the precondition does not hold. `isRetried`: an earlier attempt failed and may have
   * been stored.
   */
  async #put(
    key: string,
    bytes: Uint8Array,
    precondition: Precondition,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly etag: string | null; readonly isRetried: boolean }> {
    checkPath(key);
    let attempts = 0;
    return this.#call(signal, async (options) => {
      attempts += 1;
      const isRetried = attempts > 1;
      try {
        const output = await this.#client.send(
          new sdk.PutObjectCommand({
            Bucket: this.#bucket,
            Key: `${this.#prefix}${key}`,
            Body: bytes,
            ContentType: 'application/json',
            ...('ifMatch' in precondition ? { IfMatch: precondition.ifMatch } : { IfNoneMatch: '*' }),
          }),
          options,
        );
        return { etag: output.ETag ?? '', isRetried };
      } catch (error) {
        // A store answers 404 to `If-Match` where there is no object.
        if (statusOf(error) === 412 || (statusOf(error) === 404 && 'ifMatch' in precondition))
          return { etag: null, isRetried };
        throw error;
      }
    });
  }

  /** @throws NearboxError `source_unavailable` unless a write whose precondition does not hold is refused. */
  async #requireConditionalWrites(): Promise<void> {
    const key = `${PROBE_KEY}/${randomUUID()}`;
    const some = Buffer.from('{}');
    const refused = (what: string) =>
      new NearboxError(
        'source_unavailable',
        `${this.label} has no conditional writes (${what}): labels of two servers would overwrite each other. Use a store that has them, or a folder`,
      );
    const attempt = async (precondition: Precondition) => {
      try {
        return (await this.#put(key, some, precondition, undefined)).etag;
      } catch (error) {
        if ([400, 501].includes(statusOf((error as Error).cause))) throw refused(String(error));
        throw error;
      }
    };
    try {
      const first = await attempt({ ifAbsent: true });
      if (first === null) throw refused('If-None-Match refuses a new object');
      this.#hasMd5Tags = first === md5Tag(some);
      if ((await attempt({ ifAbsent: true })) !== null) throw refused('If-None-Match is ignored');
      if ((await attempt({ ifMatch: '"0123456789abcdef0123456789abcdef"' })) !== null)
        throw refused('If-Match is ignored');
    } finally {
      await this.#client
        .send(new sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key: `${this.#prefix}${key}` }))
        .catch(() => {});
    }
  }

  /** Retries transient failures. @throws NearboxError `source_unavailable`, or the signal's reason. */
  async #call<Value>(
    signal: AbortSignal | undefined,
    work: (options: { readonly abortSignal?: AbortSignal }) => Promise<Value>,
  ): Promise<Value> {
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await work(signal === undefined ? {} : { abortSignal: signal });
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof NearboxError) throw error;
        const wait = BACKOFF_MS[attempt];
        if (wait === undefined || !isTransient(error))
          throw new NearboxError('source_unavailable', `${this.label}: ${textOf(error)}`, { cause: error });
        await sleep(wait * (0.5 + Math.random() / 2), undefined, signal && { signal }).catch(() => {});
      }
    }
  }
}

const MD5_TAG = /^"[0-9a-f]{32}"$/;

function md5Tag(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function statusOf(error: unknown): number {
  return (error as sdk.S3ServiceException | undefined)?.$metadata?.httpStatusCode ?? 0;
}

/** No answer at all, a store that is busy or broken, or two conditional writes at the same moment (409). */
function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  const { name } = error as Error;
  if (name === 'CredentialsProviderError') return false;
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

function textOf(error: unknown): string {
  const { name, message } = error as Error;
  return [statusOf(error) || null, name, message].filter(Boolean).join(' ');
}
