/**
 * Pinned ETags: bytes that are read with a matching pinned ETag belong to the version, so the version does
 * not have to be revalidated afterwards.
 */
import type { FormatCloud } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';

/**
 * The ETag that the file had when the cloud was opened, if the version was computed from this file (the data
 * file of COPC or Potree 2). undefined for other files, such as nodes of EPT, and if the file has no ETag.
 */
export function pinnedEtag({ validators }: FormatCloud, path: string): string | undefined {
  return validators.find((validator) => validator.path === path)?.etag ?? undefined;
}

/** True if the cloud is a single file with an ETag: then every read has this pinned ETag. */
export function isOneFile({ validators }: FormatCloud): boolean {
  return validators.length === 1 && validators[0]!.etag !== null;
}

/** True if every node is read with a pinned ETag. */
export function isPinned(cloud: FormatCloud): boolean {
  return pinnedEtag(cloud, cloud.locate(Key.root, 1, null).path) !== undefined;
}
