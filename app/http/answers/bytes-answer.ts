/** Answers with stored bytes: conditional requests, ranges, and streaming of large bodies. */
import type { Context } from 'hono';
import { type ByteRange, NearboxError } from '../../../cache/index.ts';
import type { HeldRoom } from '../requests/index.ts';
import { parseRange } from './byte-range.ts';
import { isNoneMatch, isRangeAllowed } from './etag.ts';
import { HeadedError } from './problem.ts';

export interface StoredBytes {
  readonly mediaType: string;
  readonly size: number;
  /** A strong entity tag, with its quotes. */
  readonly etag: string;
  /** Whether it is in memory as a whole, which is counted already. */
  readonly isWhole?: boolean;
  read(range: ByteRange, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** What an answer needs of the request's scope. */
interface AnswerScope {
  readonly signal: AbortSignal;
  readonly room: Pick<HeldRoom, 'resize'>;
}

/** Most bytes of one answer that are in memory at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Answers with 200, 206 or 304; for HEAD without a body. A failure before the first chunk is thrown; after
 * it, the body is cut off.
 * @throws HeadedError `range_not_satisfiable` with `Content-Range`.
 */
export async function bytesAnswer(
  c: Context,
  stored: StoredBytes,
  cacheControl: string,
  scope: AnswerScope,
): Promise<Response> {
  const { etag, size, mediaType } = stored;
  const headers = {
    etag,
    // Proxies must not compress or change a body whose ranges can be requested.
    'cache-control': `${cacheControl}, no-transform`,
    'content-encoding': 'identity',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  };
  if (isNoneMatch(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  const isHead = c.req.method === 'HEAD';
  const isRanged = !isHead && isRangeAllowed(c.req.header('if-range'), etag);
  const range = isRanged ? parseRange(c.req.header('range'), size) : null;
  if (range === 'unsatisfiable')
    throw new HeadedError(
      new NearboxError('range_not_satisfiable', `the range lies outside the file, which has ${size} bytes`),
      { 'content-range': `bytes */${size}` },
    );
  const sent = range ?? { offset: 0, length: size };
  const described = {
    ...headers,
    'content-type': mediaType,
    'content-length': String(sent.length),
    ...(range !== null && {
      'content-range': `bytes ${sent.offset}-${sent.offset + sent.length - 1}/${size}`,
    }),
  };
  const status = range === null ? 200 : 206;
  if (isHead) return new Response(null, { status, headers: described });
  return new Response(await body(stored, sent, scope), { status, headers: described });
}

async function body(
  stored: StoredBytes,
  { offset, length }: ByteRange,
  { signal, room }: AnswerScope,
): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
  if (length === 0) return new Uint8Array(0);
  const chunkAt = (at: number) => ({ offset: offset + at, length: Math.min(CHUNK_BYTES, length - at) });
  // One chunk that is read, and one that is being written.
  if (!stored.isWhole) room.resize(Math.min(length, 2 * CHUNK_BYTES));
  const first = await stored.read(chunkAt(0), signal);
  if (length <= CHUNK_BYTES) return first;
  // The request's signal ends with its handler. From here on, `cancel` says that the client has left.
  const leaving = new AbortController();
  let at = first.length;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(first);
      },
      async pull(controller) {
        const chunk = await stored.read(chunkAt(at), leaving.signal);
        at += chunk.length;
        controller.enqueue(chunk);
        if (at >= length) controller.close();
      },
      cancel() {
        leaving.abort();
      },
    },
    { highWaterMark: 1 },
  );
}
