/**
 * The fingerprint of a build: a hash of the input's content and of the options that affect the result. It is
 * stored in the first entry of `ept-sources/manifest.json`. The same fingerprint means the same bytes, on the
 * same version of Node.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { z } from 'zod';

export const SOURCES_FILE = 'ept-sources/manifest.json';

/** Increase this with every change of the written bytes for the same input and options. */
const BUILDER_VERSION = 2;

/** The fingerprint of inputs with these hashes, in order. The order of the options does not matter. */
export function fingerprint(sources: readonly string[], options: Readonly<Record<string, unknown>>): string {
  const hash = createHash('sha256');
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  hash.update(JSON.stringify([BUILDER_VERSION, sources, entries.sort(([a], [b]) => (a < b ? -1 : 1))]));
  return hash.digest('hex').slice(0, 32);
}

/** Bytes that are hashed at a time. */
const HASHED_BYTES = 1024 * 1024;

/** The hash of a local file's content. */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // Always the same memory: a stream takes new one for each piece, which the garbage collector clears away.
  const bytes = new Uint8Array(HASHED_BYTES);
  const handle = await open(file, 'r');
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(bytes, 0, bytes.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(bytes.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

const sourcesSchema = z.array(z.looseObject({ fingerprint: z.string().optional() }));

/** The fingerprint in a manifest; null if there is none. */
export function readFingerprint(manifest: Uint8Array): string | null {
  try {
    const parsed = sourcesSchema.safeParse(JSON.parse(Buffer.from(manifest).toString('utf8')));
    return parsed.data?.[0]?.fingerprint ?? null;
  } catch {
    return null;
  }
}
