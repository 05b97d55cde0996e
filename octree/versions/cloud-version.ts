/** Names the version of a cloud, and checks whether it is still the present one. */
import { createHash } from 'node:crypto';
import type { ByteSource, ObjectStat } from '../../cache/byte-source/index.ts';
import type { FormatCloud, FormatLimits, Validator } from '../formats/index.ts';

/**
 * The first 128 bits of a hash of the cloud's identity. The length of each part is hashed before the part, so
 * that different lists of parts give different hashes.
 */
export function versionOf({ format, identity }: FormatCloud): string {
  const hash = createHash('sha256').update(format);
  for (const part of identity) hash.update(`\n${part.byteLength}\n`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}

interface VersionStorage {
  readonly source: ByteSource;
  readonly limits: FormatLimits;
}

/**
 * True if no file of the version has been replaced. If the storage reports when a file was put in its place,
 * this also detects a file that was replaced and put back. `pinnedPath` is a file that needs no request.
 */
export async function isPresent(
  { validators, identity }: FormatCloud,
  { source, limits }: VersionStorage,
  signal?: AbortSignal,
  pinnedPath?: string,
): Promise<boolean> {
  const same = await Promise.all(
    validators.map(async (validator, i) => {
      const { path, etag } = validator;
      if (path === pinnedPath && etag !== null) return true;
      if (etag !== null) {
        const now = await source.stat(path, { signal });
        return now !== null && now.etag === etag && isPlacedAlike(validator, now);
      }
      const stored = await source.read(path, { signal, maxBytes: limits.maxMetadataBytes });
      if (stored === null || !isPlacedAlike(validator, stored)) return false;
      return Buffer.compare(stored.bytes, identity[i]!) === 0;
    }),
  );
  return same.every(Boolean);
}

/** True if a cloud was opened twice and none of its files was replaced between the two. */
export function isSamePlacement(before: FormatCloud, after: FormatCloud): boolean {
  return (
    versionOf(before) === versionOf(after) &&
    before.validators.length === after.validators.length &&
    before.validators.every((validator, i) => {
      const now = after.validators[i]!;
      return now.etag === validator.etag && isPlacedAlike(validator, now);
    })
  );
}

/** False if the storage reports that the object was put in its place again. */
function isPlacedAlike(before: Validator, { placement }: Pick<ObjectStat, 'placement'>): boolean {
  return (
    before.placement === undefined || placement === undefined || before.placement.token === placement.token
  );
}
