/**
 * Pinned ETags: a read under one belongs to the version, so that the version need not be revalidated
 * afterwards.
 */
import type { FormatCloud } from '../formats/index.ts';
import { Key } from '../geometry/index.ts';

/**
 * The ETag that the file had when the cloud was opened, if it is one of the files that the version is made of
 * (the data file of COPC or Potree 2): bytes read under it belong to the version. undefined for other files,
 * such as nodes of EPT, and without an ETag.
 */
export function pinnedEtag({ validators }: FormatCloud, path: string): string | undefined {
  return validators.find((validator) => validator.path === path)?.etag ?? undefined;
}

/** True if the cloud is a single file with an ETag: then all of it is read under that ETag. */
export function isOneFile({ validators }: FormatCloud): boolean {
  return validators.length === 1 && validators[0]!.etag !== null;
}

/** True if all nodes are read under a pinned ETag. */
export function isPinned(cloud: FormatCloud): boolean {
  return pinnedEtag(cloud, cloud.locate(Key.root, 1, null).path) !== undefined;
}
