/** Makes local copies of remote inputs, because the readers of point files need random access. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { openByteSource } from '../../../cache/index.ts';
import { wrongInput } from '../inputs/index.ts';
import { STANDARD_INPUT } from './list-inputs.ts';

const PIECE_BYTES = 16 * 1024 * 1024;
const HTTP_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

/** Runs `work` on a local copy of the input, and then removes the copy. */
export async function withLocalCopy<Result>(
  input: string,
  work: (file: string) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-input-'));
  try {
    const file = path.join(folder, baseName(input));
    if (input === STANDARD_INPUT)
      await pipeline(process.stdin, createWriteStream(file), { ...(signal && { signal }) });
    else if (/^s3:/i.test(input)) await copyFromBucket(input, file, signal);
    else await copyFromHttp(input, file, signal);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Identifies the content of a remote object without reading it; null if the storage has no validator. */
export async function remoteIdentity(input: string, signal?: AbortSignal): Promise<string | null> {
  if (!/^s3:/i.test(input)) return httpIdentity(input, signal);
  const { base, name } = split(input);
  const opened = openByteSource(base);
  try {
    const found = await opened.source.stat(name, { signal });
    if (found === null) throw wrongInput(input, 'no such object');
    return identityOf(found.etag, found.size);
  } finally {
    await opened.close();
  }
}

/** A URL that is signed for GET may refuse HEAD: then the content is read instead. */
async function httpIdentity(input: string, signal?: AbortSignal): Promise<string | null> {
  const asked = fetch(input, { method: 'HEAD', ...(signal && { signal }) });
  const { ok, status, headers } = await asked.catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new NearboxError('source_unavailable', `${shown(input)}: ${(cause as Error).message}`, { cause });
  });
  if (status === 404 || status === 410) throw wrongInput(shown(input), 'no such object');
  return ok ? identityOf(headers.get('etag'), Number(headers.get('content-length'))) : null;
}

function identityOf(etag: string | null, size: number): string | null {
  return etag === null ? null : createHash('sha256').update(`${etag} ${size}`).digest('hex');
}

/** The name of an input for messages and metadata: without the signature of a URL. */
export function shown(input: string): string {
  return /^https?:/i.test(input) ? input.replace(/[?#].*$/, '') : input;
}

async function copyFromBucket(input: string, file: string, signal?: AbortSignal): Promise<void> {
  const { base, name } = split(input);
  const opened = openByteSource(base);
  const target = await open(file, 'wx');
  try {
    const found = await opened.source.stat(name, { signal });
    if (found === null) throw wrongInput(input, 'no such object');
    for (let offset = 0; offset < found.size; offset += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, found.size - offset);
      const ifMatch = found.etag ?? undefined;
      const piece = await opened.source.read(name, {
        signal,
        range: { offset, length },
        ifMatch,
        maxBytes: length,
      });
      if (piece === null) throw new NearboxError('cloud_changed', `${input} was removed while it was read`);
      await target.write(piece.bytes, 0, length, offset);
    }
  } finally {
    await target.close();
    await opened.close();
  }
}

async function copyFromHttp(input: string, file: string, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(input, signal === undefined ? {} : { signal });
      if (response.status === 404 || response.status === 410)
        throw wrongInput(shown(input), 'no such object');
      if (!response.ok || response.body === null)
        throw new NearboxError('source_unavailable', `${shown(input)}: HTTP status ${response.status}`);
      await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
      return;
    } catch (error) {
      signal?.throwIfAborted();
      const isFinal = error instanceof NearboxError && error.code === 'invalid_request';
      if (isFinal || attempt === HTTP_ATTEMPTS) {
        if (error instanceof NearboxError) throw error;
        throw new NearboxError('source_unavailable', `${shown(input)}: ${(error as Error).message}`, {
          cause: error,
        });
      }
      await pause(FIRST_PAUSE_MS * 2 ** attempt, undefined, signal === undefined ? {} : { signal });
    }
  }
}

function split(input: string): { base: string; name: string } {
  const at = input.lastIndexOf('/');
  return { base: input.slice(0, at), name: input.slice(at + 1) };
}

function baseName(input: string): string {
  if (input === STANDARD_INPUT) return 'stdin';
  const { pathname } = new URL(input);
  return decodeURIComponent(path.posix.basename(pathname)).replaceAll('/', '-') || 'input';
}
