/** Which format to look for first: clouds that lie in one folder mostly have one format. */
import QuickLRU from 'quick-lru';
import type { FormatName } from '../formats/index.ts';

/** Folders whose format is remembered. */
const MAX_FOLDERS = 10_000;

/** Remembers the format that was last found in each folder, and in the storage as a whole. */
export class FormatHints {
  readonly #folders = new QuickLRU<string, FormatName>({ maxSize: MAX_FOLDERS });
  #latest: FormatName | null = null;

  /** The format of a neighbour of the cloud `id`, else of any cloud; null if none has been found yet. */
  of(id: string): FormatName | null {
    return this.#folders.get(folderOf(id)) ?? this.#latest;
  }

  note(id: string, format: FormatName): void {
    this.#folders.set(folderOf(id), format);
    this.#latest = format;
  }
}

function folderOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}
