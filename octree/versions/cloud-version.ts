/** What names a version of a cloud, and whether that is still the present one. */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../../cache/byte-source/index.ts';
import type { FormatCloud, FormatLimits } from '../formats/index.ts';

/** A hash of the cloud's identity; each part with its length before it, so that no two lists of parts look alike. 128 bits of it. */
export function versionOf({ format, identity }: FormatCloud): string {
  const hash = createHash('sha256').update(format);
  for (const part of identity) hash.update(`\n${part.byteLength}\n`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}

/** True if nothing behind the version has been replaced. */
export async function isPresent(
  cloud: FormatCloud,
  source: ByteSource,
  limits: FormatLimits,
  signal?: AbortSignal,
): Promise<boolean> {
  const same = await Promise.all(
    cloud.validators.map(async ({ path, etag }, i) => {
      if (etag !== null) return (await source.stat(path, { signal }))?.etag === etag;
      const stored = await source.read(path, { signal, maxBytes: limits.maxMetadataBytes });
      return stored !== null && Buffer.compare(stored.bytes, cloud.identity[i]!) === 0;
    }),
  );
  return same.every(Boolean);
}
