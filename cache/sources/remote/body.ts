/** Takes in the body of an answer: all of it, or none and the connection is closed. */
import type { Readable } from 'node:stream';

/** More than this much of a body that nobody wants is not read for the sake of keeping the connection. */
const DRAIN_BYTES = 64 * 1024;

/** A body that has more or fewer bytes than it was said to have. */
export class WrongLength extends Error {}

/** A body that goes on after the limit. */
export class OverLimit extends Error {}

export interface CollectOptions {
  /** How many bytes there must be; null if that was not said. */
  readonly length: number | null;
  /** The most bytes to take in. */
  readonly limit: number;
  /** Called for each piece that arrives. */
  readonly onProgress?: () => void;
}

/** The bytes of a body, over a buffer of their own. The body is destroyed if this rejects. */
export async function collect(body: Readable, options: CollectOptions): Promise<Uint8Array<ArrayBuffer>> {
  return options.length === null
    ? collectUnknown(body, options)
    : collectExactly(body, options.length, options);
}

async function collectExactly(body: Readable, length: number, { onProgress }: CollectOptions) {
  const bytes = new Uint8Array(length);
  let filled = 0;
  // Leaving the loop by an error destroys the body.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    onProgress?.();
    if (filled + chunk.length > length) throw new WrongLength(`more than ${length} bytes came`);
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== length) throw new WrongLength(`${filled} of ${length} bytes came`);
  return bytes;
}

async function collectUnknown(body: Readable, { limit, onProgress }: CollectOptions) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    onProgress?.();
    size += chunk.length;
    if (size > limit) throw new OverLimit(`more than ${limit} bytes came`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}

/** Reads a short body that nobody wants, so that its connection can be used again; destroys a long one. Never rejects. */
export async function discard(body: Readable | null): Promise<void> {
  if (body === null) return;
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > DRAIN_BYTES) break;
    }
  } catch {
    body.destroy();
  }
}
