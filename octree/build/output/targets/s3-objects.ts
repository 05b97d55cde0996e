/** Objects below a prefix of a bucket: write, read, remove. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import * as sdk from '@aws-sdk/client-s3';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import { parseS3Uri, s3ClientConfig } from '../../../../cache/index.ts';

/** Larger files are uploaded in parts of this size. With at most 10,000 parts, a file may have 640 GB. */
const PART_BYTES = 64 * 1024 * 1024;
const PARTS_AT_ONCE = 4;
const REQUEST_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 64;
const MAX_ATTEMPTS = 5;

export interface PutOptions {
  /** Only if the object does not exist. */
  readonly ifAbsent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export class S3Objects {
  readonly label: string;
  readonly #client: sdk.S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** Throws `invalid_request` if the URI has no bucket. */
  constructor(uri: string) {
    let parsed: ReturnType<typeof parseS3Uri>;
    try {
      parsed = parseS3Uri(uri);
    } catch (cause) {
      throw new NearboxError('invalid_request', `${uri}: ${(cause as Error).message}`, { cause });
    }
    this.label = uri;
    this.#bucket = parsed.bucket;
    this.#prefix = parsed.prefix === '' ? '' : `${parsed.prefix}/`;
    const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
    this.#client = new sdk.S3Client({
      ...s3ClientConfig({}),
      maxAttempts: MAX_ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        httpAgent: agent,
        httpsAgent: agent,
      },
    });
  }

  /** Throws `invalid_request` if there is no such bucket. */
  async requireBucket(signal?: AbortSignal): Promise<void> {
    await this.#call('', async () => {
      try {
        await this.#client.send(new sdk.HeadBucketCommand({ Bucket: this.#bucket }), abort(signal));
      } catch (error) {
        if (statusOf(error) === 404)
          throw new NearboxError('invalid_request', `${this.label}: there is no bucket ${this.#bucket}`);
        // Rights to write need not include the right to ask.
        if (statusOf(error) !== 403) throw error;
      }
    });
  }

  /** The object's bytes, or its first bytes; null if it does not exist. */
  async read(name: string, signal?: AbortSignal, first?: number): Promise<Uint8Array | null> {
    return this.#call(name, async () => {
      try {
        const output = await this.#client.send(
          new sdk.GetObjectCommand({
            ...this.#at(name),
            ...(first !== undefined && { Range: `bytes=0-${first - 1}` }),
          }),
          abort(signal),
        );
        return (await output.Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });
  }

  async exists(name: string, signal?: AbortSignal): Promise<boolean> {
    return this.#call(name, async () => {
      try {
        await this.#client.send(new sdk.HeadObjectCommand(this.#at(name)), abort(signal));
        return true;
      } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
      }
    });
  }

  /** Returns false if `ifAbsent` is set and the object exists already. */
  async put(
    name: string,
    bytes: Uint8Array | string,
    { ifAbsent, signal }: PutOptions = {},
  ): Promise<boolean> {
    return this.#call(name, () =>
      unlessPresent(() =>
        this.#client.send(
          new sdk.PutObjectCommand({ ...this.#at(name), Body: bytes, ...(ifAbsent && { IfNoneMatch: '*' }) }),
          abort(signal),
        ),
      ),
    );
  }

  /**
   * Like `put`, with the content of a local file. A large one is uploaded in parts, and exists once all parts
   * are uploaded.
   */
  async putFile(name: string, file: string, options: PutOptions = {}): Promise<boolean> {
    const { size } = await stat(file);
    if (size <= PART_BYTES) return this.put(name, await readFile(file), options);
    return this.#call(name, () => this.#putParts(name, file, size, options));
  }

  async remove(name: string, signal?: AbortSignal): Promise<void> {
    await this.#call(name, () =>
      this.#client.send(new sdk.DeleteObjectCommand(this.#at(name)), abort(signal)),
    );
  }

  /** The names that begin so. */
  async *list(beginning: string, signal?: AbortSignal): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const page = await this.#call(beginning, () =>
        this.#client.send(
          new sdk.ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${beginning}`,
            ...(token !== undefined && { ContinuationToken: token }),
          }),
          abort(signal),
        ),
      );
      for (const { Key = '' } of page.Contents ?? []) yield Key.slice(this.#prefix.length);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  close(): void {
    this.#client.destroy();
  }

  async #putParts(
    name: string,
    file: string,
    size: number,
    { ifAbsent, signal }: PutOptions,
  ): Promise<boolean> {
    const at = this.#at(name);
    const { UploadId } = await this.#client.send(new sdk.CreateMultipartUploadCommand(at), abort(signal));
    // Parts of an unfinished upload cost storage until the upload is aborted.
    const giveUp = () =>
      this.#client.send(new sdk.AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => {});
    try {
      const starts = Array.from({ length: Math.ceil(size / PART_BYTES) }, (_, part) => part * PART_BYTES);
      const tags = new Array<string | undefined>(starts.length);
      const upload = async (part: number) => {
        const start = starts[part]!;
        const end = Math.min(size, start + PART_BYTES);
        const output = await this.#client.send(
          new sdk.UploadPartCommand({
            ...at,
            UploadId,
            PartNumber: part + 1,
            Body: await bytesOf(file, start, end),
          }),
          abort(signal),
        );
        tags[part] = output.ETag;
      };
      for (let part = 0; part < starts.length; part += PARTS_AT_ONCE) {
        const group = starts.slice(part, part + PARTS_AT_ONCE).map((_, i) => upload(part + i));
        await Promise.all(group);
      }
      const Parts = tags.map((ETag, part) => ({ ETag, PartNumber: part + 1 }));
      const isPut = await unlessPresent(() =>
        this.#client.send(
          new sdk.CompleteMultipartUploadCommand({
            ...at,
            UploadId,
            MultipartUpload: { Parts },
            ...(ifAbsent && { IfNoneMatch: '*' }),
          }),
          abort(signal),
        ),
      );
      if (!isPut) await giveUp();
      return isPut;
    } catch (error) {
      await giveUp();
      throw error;
    }
  }

  #at(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }

  /** Gives errors of the store a code and the name of the object. */
  async #call<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof NearboxError || (cause as Error).name === 'AbortError') throw cause;
      throw new NearboxError('source_unavailable', `${this.label}/${name}: ${reasonOf(cause as Error)}`, {
        cause,
      });
    }
  }
}

function abort(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** False if the store refuses because the object exists. */
async function unlessPresent(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (statusOf(error) === 412) return false;
    throw error;
  }
}

/** Answers without a body have no words of the store. */
function reasonOf(error: Error): string {
  if (error.message !== 'UnknownError') return `${error.name}: ${error.message}`;
  const status = statusOf(error);
  return status === 403 ? 'the store refuses access (403)' : `the store answers ${status}`;
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

async function bytesOf(file: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let at = 0;
  for await (const chunk of createReadStream(file, { start, end: end - 1 })) {
    bytes.set(chunk as Buffer, at);
    at += (chunk as Buffer).length;
  }
  return bytes;
}
