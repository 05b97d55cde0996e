/** How long an object has been where it is, as an object store says it. */

import type { RemoteLimits } from './options.ts';

/** Dates in headers are whole seconds, cut off. */
const SECOND_MS = 1000;

/**
 * What lies between `Last-Modified` and `Date` of one answer, both by the storage's clock, less what the seconds cut off; undefined if
 * either is missing or they make no sense. Only for stores in which an object's date is that of its being put in its place (see `areDatesTrusted`).
 */
export function unchangedMs(
  lastModified: string | null | undefined,
  date: string | null | undefined,
): number | undefined {
  const ms = Date.parse(date ?? '') - Date.parse(lastModified ?? '') - SECOND_MS;
  return ms >= 0 ? ms : undefined;
}

/** Headers by which S3 and what speaks it, Google's and Azure's stores are known. */
const STORE_HEADERS = ['x-amz-request-id', 'x-goog-generation', 'x-ms-blob-type'];

/**
 * True if the dates of an answer over HTTP count: if they are trusted, or it comes from an object store itself, where objects cannot be renamed with
 * their dates, as files behind a web server can. Not if a cache answered (`Age`): what that holds may have been replaced behind it.
 */
export function areDatesTrusted(
  headers: Readonly<Record<string, unknown>>,
  dates: RemoteLimits['dates'],
): boolean {
  if (dates === 'ignored' || headers.age !== undefined) return false;
  return dates === 'trusted' || STORE_HEADERS.some((name) => headers[name] !== undefined);
}
