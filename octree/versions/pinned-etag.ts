/** What ties a read of a file to a version of its cloud, so that nobody has to look afterwards whether it still is that version. */
import type { FormatCloud } from '../formats/index.ts';

/**
 * The validator that the file had when the cloud was opened, if it is one of the files that the version is made of (the data file of COPC or
 * Potree 2): bytes read under it belong to the version. undefined for files that are not, such as nodes of EPT, or without one.
 */
export function pinnedEtag({ validators }: FormatCloud, path: string): string | undefined {
  return validators.find((validator) => validator.path === path)?.etag ?? undefined;
}

/** True if the cloud is a single file with a validator: then all of it was read under that. */
export function isOneFile({ validators }: FormatCloud): boolean {
  return validators.length === 1 && validators[0]!.etag !== null;
}
