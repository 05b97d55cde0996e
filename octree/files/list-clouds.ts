/** The clouds below a root, page by page, in the order of their ids (by code units). */
import { type ByteSource, isPlainPath, type Listing } from '../../cache/byte-source/index.ts';
import { NearboxError } from '../../cache/foundation/index.ts';
import type { FormatName } from '../formats/index.ts';
import { COPC_EXTENSION } from '../formats/index.ts';
import { isCloudId } from '../versions/index.ts';

export interface ListedCloud {
  readonly id: string;
  readonly format: FormatName;
}

export interface CloudPage {
  readonly clouds: readonly ListedCloud[];
  /** Where to go on: the `after` of the next page; null if that was all. Not always the id of a cloud. */
  readonly next: string | null;
}

export interface ListCloudsOptions {
  /** The most clouds of one page. */
  readonly limit: number;
  /** Only ids behind this one. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * What is listed, and which folders are looked into for it; everything else is as if it were not there.
   * Default: all of it.
   */
  readonly only?: ListedOnly | undefined;
  /**
   * Folders that one page looks into; with so many and no cloud in them the page is short, and has a `next`.
   * Default: 2,000.
   */
  readonly maxFolders?: number | undefined;
}

interface ListedOnly {
  readonly covers: (id: string) => boolean;
  /** True for what is covered, and for folders above it. */
  readonly leadsTo: (path: string) => boolean;
}

const DEFAULT_MAX_FOLDERS = 2_000;
/** Folders that are looked into side by side. */
const AHEAD = 8;
/** Ids with more segments are not listed: links in folders may lead in circles. */
const MAX_SEGMENTS = 16;

/** A path whose kind is not known yet, or a COPC file. */
interface Candidate {
  readonly path: string;
  readonly kind: 'folder' | 'copc';
}

/** Throws `forbidden` if the source cannot list. A folder that is a cloud is not looked into further. */
export async function listClouds(
  source: ByteSource,
  { limit, after = '', signal, only, maxFolders = DEFAULT_MAX_FOLDERS }: ListCloudsOptions,
): Promise<CloudPage> {
  if (source.list === undefined)
    throw new NearboxError('forbidden', `the storage ${source.label} cannot list its clouds`);
  const list = (path: string) => source.list!(path, { signal });
  const root = await list('');
  const rootFormat = root === null ? null : formatOfListing(root);
  if (rootFormat !== null && source.rootName !== null) {
    const isBehind = source.rootName > after && (only?.covers(source.rootName) ?? true);
    return { clouds: isBehind ? [{ id: source.rootName, format: rootFormat }] : [], next: null };
  }

  const isWanted = ({ path }: Candidate) => path > after && (only?.covers(path) ?? true);
  const clouds: ListedCloud[] = [];
  // Smallest path last. What is in a folder comes behind the folder itself, so the smallest path is always
  // the next id.
  let waiting = root === null ? [] : candidates('', root, after, only);
  const listings = new Map<string, Promise<Listing | null>>();
  let folders = 1;
  let done = after;
  for (;;) {
    const candidate = waiting.at(-1);
    if (candidate === undefined) return { clouds, next: null };
    if (clouds.length === limit || folders >= maxFolders) {
      await Promise.allSettled(listings.values());
      return { clouds, next: done };
    }
    waiting.pop();
    if (candidate.path > done) done = candidate.path;
    if (candidate.kind === 'copc') {
      if (isWanted(candidate)) clouds.push({ id: candidate.path, format: 'copc' });
      continue;
    }
    for (const { path, kind } of [candidate, ...waiting.slice(-AHEAD)]) {
      if (kind !== 'folder' || listings.has(path)) continue;
      const listing = list(path);
      // Heard where it is waited for; a page that fails at another folder does not wait for it.
      listing.catch(() => {});
      listings.set(path, listing);
      folders += 1;
    }
    const listing = await listings.get(candidate.path)!;
    listings.delete(candidate.path);
    if (listing === null) continue;
    const format = formatOfListing(listing);
    if (format !== null && !candidate.path.endsWith(COPC_EXTENSION)) {
      if (isWanted(candidate)) clouds.push({ id: candidate.path, format });
      continue;
    }
    const inside = candidates(`${candidate.path}/`, listing, after, only);
    if (inside.length > 0) waiting = [...waiting, ...inside].sort(descending);
  }
}

/** In the order of CONTRACT.md: if several exist, the first one counts. */
function formatOfListing({ files }: Listing): FormatName | null {
  const has = (name: string) => files.includes(name);
  if (has('ept.json')) return 'ept';
  if (has('metadata.json') && has('octree.bin')) return 'potree2';
  return has('cloud.js') ? 'potree1' : null;
}

function candidates(
  base: string,
  { folders, files }: Listing,
  after: string,
  only?: ListedOnly,
): Candidate[] {
  const all: Candidate[] = [
    ...folders.map((name) => ({ path: base + name, kind: 'folder' as const })),
    ...files
      .filter((name) => name.endsWith(COPC_EXTENSION))
      .map((name) => ({ path: base + name, kind: 'copc' as const })),
  ];
  return all
    .filter(
      ({ path, kind }) => isListable(path) && mayHold(path, kind, after) && (only?.leadsTo(path) ?? true),
    )
    .sort(descending);
}

function isListable(path: string): boolean {
  const segments = path.split('/');
  return (
    isPlainPath(path) &&
    isCloudId(path) &&
    segments.length <= MAX_SEGMENTS &&
    !segments.at(-1)!.startsWith('.')
  );
}

/** True if the id, or an id below it, can follow `after`. */
function mayHold(path: string, kind: Candidate['kind'], after: string): boolean {
  if (path > after) return true;
  return kind === 'folder' && (after.startsWith(`${path}/`) || `${path}/` > after);
}

function descending(a: Candidate, b: Candidate): number {
  return a.path < b.path ? 1 : a.path > b.path ? -1 : 0;
}
