/** Which format to try first: the clouds of one folder usually have the same format. */
import QuickLRU from 'quick-lru';
import type { FormatName } from '../formats/index.ts';

/** How many folders are remembered. */
const MAX_FOLDERS = 10_000;

/** Remembers the last format found in each folder, and the last one found anywhere. */
export class FormatHints {
  readonly #folders = new QuickLRU<string, FormatName>({ maxSize: MAX_FOLDERS });
  #latest: FormatName | null = null;

  /** The format of another cloud in the folder of `id`, else the last format found; null before the first. */
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
