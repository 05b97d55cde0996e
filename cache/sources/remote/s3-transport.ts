/** Requests to S3 by its SDK, one attempt each: retries, deadlines and checks are made elsewhere. */
import type { Readable } from 'node:stream';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { isPlainPath, type Listing, type ObjectStat, type SourceOptions } from '../../byte-source/index.ts';
import { abortable, NearboxError, whenAborted } from '../../foundation/index.ts';
import { TransientFailure } from '../../origin/index.ts';
import { type BodyPlan, BodySink } from './body-sink.ts';
import { toRangeHeader } from './content-range.ts';
import type { RemoteLimits } from './options.ts';
import { s3ClientConfig } from './s3-client.ts';
import type { S3SourceOptions } from './s3-options.ts';
import type { Exchange, ExchangeHandlers, RemoteHead, RemoteRequest, Transport } from './transport.ts';
import { placementOf } from './unchanged.ts';

export interface S3TransportOptions {
  readonly label: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly limits: RemoteLimits;
  readonly options: S3SourceOptions;
}

export interface ListPage extends Listing {
  /** Where the next page begins; undefined if this is the last. */
  readonly next: string | undefined;
}

type Sdk = typeof import('@aws-sdk/client-s3');

interface Clients {
  readonly sdk: Sdk;
  readonly reusing: S3Client;
  /** Opens a connection for each request: a retry should not meet the same broken one. */
  readonly fresh: S3Client;
}

export class S3Transport implements Transport {
  readonly label: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #options: S3TransportOptions;
  #clients: Promise<Clients> | undefined;

  constructor(options: S3TransportOptions) {
    this.label = options.label;
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.#options = options;
  }

  send(request: RemoteRequest, handlers: ExchangeHandlers): Exchange {
    const controller = new AbortController();
    return {
      body: this.#exchange(request, handlers, controller.signal),
      cancel: (reason) => controller.abort(reason),
    };
  }

  async listPage(
    path: string,
    after: string | undefined,
    { signal, fresh = false }: SourceOptions,
  ): Promise<ListPage> {
    const { sdk, client } = await this.#client(fresh);
    const Prefix = `${this.#prefix}${path === '' ? '' : `${path}/`}`;
    const command = new sdk.ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix,
      Delimiter: '/',
      ...(after === undefined ? {} : { ContinuationToken: after }),
    });
    try {
      const output = await abortable(client.send(command, signal && { abortSignal: signal }), signal);
      const names = (keys: readonly (string | undefined)[]) =>
        keys.flatMap((key) => {
          const name = key?.startsWith(Prefix) ? key.slice(Prefix.length).replace(/\/$/, '') : '';
          // A key with an empty segment, or the marker that some tools put for a folder: not reachable by a
          // path.
          return isPlainPath(name) && !name.includes('/') ? [name] : [];
        });
      return {
        folders: names((output.CommonPrefixes ?? []).map((entry) => entry.Prefix)),
        files: names((output.Contents ?? []).map((entry) => entry.Key).filter((key) => !key?.endsWith('/'))),
        next: output.IsTruncated === true ? output.NextContinuationToken : undefined,
      };
    } catch (error) {
      const { status, failure } = this.#toAnswer(error, signal);
      const said = `${path || 'the root'} from ${this.label} cannot be listed: answered ${status}${failure === undefined ? '' : ` ${failure}`}`;
      if (status >= 500 || status === 429) throw new TransientFailure(said);
      throw new NearboxError('source_unavailable', said);
    }
  }

  async close(): Promise<void> {
    const clients = await this.#clients?.catch(() => undefined);
    clients?.reusing.destroy();
    clients?.fresh.destroy();
  }

  async #exchange(
    request: RemoteRequest,
    handlers: ExchangeHandlers,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const { head, body } = await this.#answer(request, signal);
    let plan: BodyPlan | null;
    try {
      plan = handlers.onHead(head);
    } catch (error) {
      await discard(body);
      throw error;
    }
    if (plan === null || body === null) {
      await discard(body);
      if (plan !== null)
        throw new NearboxError('source_unavailable', `${request.path}: answered without a body`);
      return null;
    }
    const sink = new BodySink(plan);
    // The SDK forgets about the signal once it has the headers.
    const unlink = whenAborted(signal, (reason) => body.destroy(reason as Error));
    try {
      // Leaving the loop by an error destroys the body.
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        handlers.onProgress();
        sink.add(chunk);
      }
      return sink.finish();
    } finally {
      unlink();
    }
  }

  async #answer(
    { method, path, range, last, ifMatch, fresh }: RemoteRequest,
    signal: AbortSignal,
  ): Promise<{ readonly head: RemoteHead; readonly body: Readable | null }> {
    const { sdk, client } = await this.#client(fresh);
    const Key = `${this.#prefix}${path}`;
    const Bucket = this.#bucket;
    const Range = toRangeHeader(range, last);
    try {
      if (method === 'HEAD') {
        const command = new sdk.HeadObjectCommand({ Bucket, Key });
        return {
          head: toHead(await abortable(client.send(command, { abortSignal: signal }), signal)),
          body: null,
        };
      }
      const command = new sdk.GetObjectCommand({
        Bucket,
        Key,
        ...(Range === undefined ? {} : { Range }),
        ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
      });
      const output = await abortable(client.send(command, { abortSignal: signal }), signal, {
        discard: (late) => bodyOf(late)?.destroy(),
      });
      const body = bodyOf(output);
      // A body that breaks while nobody reads it is found broken by who reads it next, and must not end the
      // process.
      body?.on('error', () => {});
      return { head: toHead(output), body };
    } catch (error) {
      return { head: this.#toAnswer(error, signal), body: null };
    }
  }

  async #client(fresh: boolean): Promise<{ sdk: Sdk; client: S3Client }> {
    this.#clients ??= openClients(this.#options);
    const clients = await this.#clients;
    return { sdk: clients.sdk, client: fresh ? clients.fresh : clients.reusing };
  }

  /** Converts an error of the SDK to the answer of the storage. Throws if there was no answer. */
  #toAnswer(error: unknown, signal: AbortSignal | undefined): RemoteHead {
    if (signal?.aborted) throw signal.reason;
    const { name, message, $metadata, $response } = error as SdkError;
    const status = $metadata?.httpStatusCode ?? $response?.statusCode;
    if (status !== undefined && status >= 300) {
      return {
        status,
        failure: name === 'UnknownError' || name === 'Unknown' ? undefined : name,
        contentLength: null,
        framed: true,
        contentRange: $response?.headers?.['content-range'] ?? null,
        contentEncoding: null,
        etag: null,
        retryAfter: $response?.headers?.['retry-after'] ?? null,
      };
    }
    if (name === 'CredentialsProviderError' || /region is missing/i.test(message ?? '')) {
      const what = name === 'CredentialsProviderError' ? 'no credentials' : 'no region';
      throw new NearboxError('source_unavailable', `${this.label}: ${what} found; see the S3 options`, {
        cause: error,
      });
    }
    throw error;
  }
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/**
 * Loaded when it is first needed: the SDK takes a tenth of a second, which a server on a folder need not pay.
 */
async function openClients({ limits, options }: S3TransportOptions): Promise<Clients> {
  const sdk = await import('@aws-sdk/client-s3');
  const open = (keepAlive: boolean) => {
    const agent = { keepAlive, maxSockets: limits.maxConnections };
    const client = new sdk.S3Client({
      ...s3ClientConfig(options),
      requestHandler: { connectionTimeout: limits.connectTimeoutMs, httpAgent: agent, httpsAgent: agent },
    });
    if (limits.dates === 'ignored') return client;
    // Of what the storage says of its own clock, the SDK passes nothing on.
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
        Object.assign(result.output ?? {}, placementOf(headers?.['last-modified'], headers?.date));
        return result;
      },
      { step: 'deserialize', priority: 'high', name: 'unchanged' },
    );
    return client;
  };
  return { sdk, reusing: open(true), fresh: open(false) };
}

type Output = Omit<GetObjectCommandOutput, 'Body'> & Pick<ObjectStat, 'placement' | 'unchangedMs'>;

function toHead(output: Output): RemoteHead {
  return {
    status: output.$metadata.httpStatusCode ?? 0,
    contentLength: output.ContentLength ?? null,
    framed: true,
    contentRange: output.ContentRange ?? null,
    contentEncoding: output.ContentEncoding ?? null,
    etag: output.ETag ?? null,
    retryAfter: null,
    placement: output.placement,
    unchangedMs: output.unchangedMs,
  };
}

function bodyOf(output: GetObjectCommandOutput): Readable | null {
  return (output.Body as Readable | undefined) ?? null;
}

/** A larger rest of an unneeded body is not read only to keep the connection. */
const MAX_DRAIN_BYTES = 64 * 1024;

/**
 * Reads a short body that nobody wants, so that its connection can be used again; destroys a long one. Never
 * rejects.
 */
async function discard(body: Readable | null): Promise<void> {
  if (body === null) return;
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_DRAIN_BYTES) break;
    }
  } catch {
    body.destroy();
  }
}
