/** When an object was put in its place, as an object store says it. */
import type { ObjectStat } from '../../byte-source/index.ts';
import type { RemoteLimits } from './options.ts';

/** Dates in headers are cut off to whole seconds. */
const SECOND_MS = 1000;

/**
 * When an object was put in its place, and for how long, at the least, it has been there: `Last-Modified` and
 * what lies between it and `Date`, less the second that dates are cut off to. Nothing where a date is missing
 * or makes no sense. Only for stores in which an object's date is that of its being put in its place (see
 * `areDatesTrusted`).
 */
export function placementOf(
  lastModified: string | null | undefined,
  date: string | null | undefined,
): Pick<ObjectStat, 'placement' | 'unchangedMs'> {
  const ageMs = Date.parse(date ?? '') - Date.parse(lastModified ?? '');
  if (Number.isNaN(ageMs)) return {};
  const token = lastModified ?? '';
  if (ageMs < SECOND_MS) return { placement: { token, settlesInMs: SECOND_MS } };
  return { placement: { token, settlesInMs: 0 }, unchangedMs: ageMs - SECOND_MS };
}

/** Headers by which S3 and what speaks it, Google's and Azure's stores are known. */
const STORE_HEADERS = ['x-amz-request-id', 'x-goog-generation', 'x-ms-blob-type'];

/**
 * True if the dates of an answer over HTTP count: if they are trusted, or if the answer comes from an object
 * store, where objects cannot be renamed with their dates as files behind a web server can. Not if a cache
 * answered (`Age`): the object may have been replaced behind it.
 */
export function areDatesTrusted(
  headers: Readonly<Record<string, unknown>>,
  dates: RemoteLimits['dates'],
): boolean {
  if (dates === 'ignored' || headers.age !== undefined) return false;
  return dates === 'trusted' || STORE_HEADERS.some((name) => headers[name] !== undefined);
}
