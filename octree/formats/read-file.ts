/** Files that are read whole to open a cloud: metadata and hierarchy pages. */
import { ObjectTooLarge, type StoredObject } from '../../cache/byte-source/index.ts';
import { NearboxError } from '../../cache/foundation/index.ts';
import type { OpenOptions } from './format.ts';

/**
 * The file, `path` relative to the cloud's folder; null if it is missing. Throws `corrupt_tile` if it has
 * more than `maxBytes` (or the reader's limit for metadata): that is known before its content is fetched.
 */
export async function readWhole(
  { source, base, id, limits, signal }: OpenOptions,
  path: string,
  maxBytes: number,
): Promise<StoredObject | null> {
  try {
    return await source.read(base + path, { signal, maxBytes: Math.min(maxBytes, limits.maxMetadataBytes) });
  } catch (cause) {
    if (!(cause instanceof ObjectTooLarge)) throw cause;
    throw new NearboxError(
      'corrupt_tile',
      `${id}: ${path} has ${cause.size} bytes; at most ${cause.limit} are read`,
      { cause },
    );
  }
}
