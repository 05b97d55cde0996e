/**
 * The labels of clouds as documents: where each lies, how they are listed, and which state a write replaces.
 */
import { Limiter, NearboxError } from '../../../../cache/index.ts';
import type { LabelsPage } from '../../../api/index.ts';
import { type DocumentStore, PreconditionFailed, type StoredDocument } from '../../../documents/index.ts';
import { HeadedError } from '../../answers/index.ts';
import type { NamedState } from './precondition.ts';

/** No segment of a cloud id begins with `~`: documents and the folders of further clouds never meet. */
const FILE = '/~labels.json';
/** Documents that are read at a time for one page of the listing. */
const READS_AT_ONCE = 8;
/** Pages of the store that one page of the listing looks at. */
const MAX_STORE_PAGES = 20;

type Listed = LabelsPage['labels'][number];

export interface LabelsPageOptions {
  readonly prefix: string;
  readonly limit: number;
  readonly after: string | undefined;
  /** Whether the caller may know of the cloud. */
  readonly covers: (id: string) => boolean;
  readonly signal: AbortSignal;
}

export class LabelsStore {
  readonly #documents: DocumentStore;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  read(cloud: string, signal: AbortSignal): Promise<StoredDocument | null> {
    return this.#documents.read(cloud + FILE, { signal });
  }

  /** @throws HeadedError `precondition_failed` with the present ETag */
  async write(
    cloud: string,
    bytes: Uint8Array,
    state: NamedState,
    signal: AbortSignal,
  ): Promise<{ readonly etag: string; readonly isNew: boolean }> {
    if ('ifAbsent' in state) {
      const { etag } = await conditional(() =>
        this.#documents.write(cloud + FILE, bytes, { ifAbsent: true }, { signal }),
      );
      return { etag, isNew: true };
    }
    const ifMatch = await this.#presentOf(cloud, state.ifMatch, signal);
    const { etag } = await conditional(() =>
      this.#documents.write(cloud + FILE, bytes, { ifMatch }, { signal }),
    );
    return { etag, isNew: false };
  }

  /** @throws HeadedError `precondition_failed` with the present ETag */
  async remove(cloud: string, tags: readonly string[], signal: AbortSignal): Promise<void> {
    const ifMatch = await this.#presentOf(cloud, tags, signal);
    await conditional(() => this.#documents.remove(cloud + FILE, ifMatch, { signal }));
  }

  async list({ prefix, limit, after, covers, signal }: LabelsPageOptions): Promise<LabelsPage> {
    const ids: string[] = [];
    let last: string | null = after === undefined || after === '' ? null : after + FILE;
    for (let page = 0; page < MAX_STORE_PAGES && ids.length < limit; page++) {
      const { keys, next } = await this.#documents.list({ prefix, after: last, limit, signal });
      for (const key of keys) {
        if (ids.length === limit) break;
        last = key;
        if (key.endsWith(FILE) && covers(key.slice(0, -FILE.length))) ids.push(key.slice(0, -FILE.length));
      }
      const isWholePage = keys.length === 0 || last === keys.at(-1);
      if (next === null && isWholePage) {
        last = null;
        break;
      }
      if (isWholePage) last = next;
    }
    const turns = new Limiter(READS_AT_ONCE);
    const labels = await Promise.all(
      ids.map((id) => turns.run(async () => summaryOf(id, await this.read(id, signal)), signal)),
    );
    return {
      labels: labels.filter((listed) => listed !== null),
      next: last === null ? null : last.endsWith(FILE) ? last.slice(0, -FILE.length) : last,
    };
  }

  /** A page of the listing with one cloud, or with none. */
  async only(
    cloud: string,
    { covers, signal }: Pick<LabelsPageOptions, 'covers' | 'signal'>,
  ): Promise<LabelsPage> {
    const listed = covers(cloud) ? summaryOf(cloud, await this.read(cloud, signal)) : null;
    return { labels: listed === null ? [] : [listed], next: null };
  }

  /** The present tag, if it is one of those. */
  async #presentOf(cloud: string, tags: readonly string[], signal: AbortSignal): Promise<string> {
    const [only] = tags;
    if (tags.length === 1 && only !== undefined) return only;
    const present = (await this.read(cloud, signal))?.etag ?? null;
    if (present === null || !tags.includes(present)) throw failed(present);
    return present;
  }
}

async function conditional<Value>(write: () => Promise<Value>): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof PreconditionFailed) throw failed(error.present);
    throw error;
  }
}

function failed(present: string | null): HeadedError {
  const message =
    present === null
      ? 'there are no labels of this cloud'
      : `the labels have changed since; their present ETag is ${present}`;
  const error = new NearboxError('precondition_failed', message);
  return new HeadedError(error, present === null ? {} : { etag: present });
}

/**
 * null if the document went away meanwhile. What somebody else put there and is no labels counts as open and
 * empty.
 */
function summaryOf(id: string, stored: StoredDocument | null): Listed | null {
  if (stored === null) return null;
  const counts = { proposed: 0, accepted: 0, edited: 0, rejected: 0 };
  let state: Listed['state'] = 'open';
  let version: Listed['version'] = null;
  try {
    const document = JSON.parse(Buffer.from(stored.bytes).toString()) as {
      cloud?: { version?: unknown } | null;
      state?: unknown;
      boxes?: { status: keyof typeof counts }[];
    };
    if (typeof document.cloud?.version === 'string') version = document.cloud.version;
    if (document.state === 'done') state = 'done';
    for (const { status } of document.boxes ?? []) if (Object.hasOwn(counts, status)) counts[status] += 1;
  } catch {
    // Not JSON.
  }
  return { id, etag: stored.etag, state, counts, version };
}
