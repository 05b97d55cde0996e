/**
 * Loads what reads and writes files. The page does so when its first view is complete, and from then on
 * needs no server for it.
 */
import { ApiError } from '../api/index.ts';

type FileCode = typeof import('./files.ts');

export interface FileScriptOptions {
  /** Gets the script into the browser's cache, and says why it cannot: a failed import says nothing. */
  readonly fetch: () => Promise<void>;
  readonly import: () => Promise<unknown>;
}

export class FileScript {
  readonly #options: FileScriptOptions;
  #loading: Promise<FileCode> | null = null;

  constructor(options: FileScriptOptions) {
    this.#options = options;
  }

  /** Rejects with an ApiError, in words for the annotator, where it cannot be had; the next call tries again. */
  load(): Promise<FileCode> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** Loads it ahead. Whoever needs it says what is wrong. */
  prefetch(): void {
    this.load().catch(() => undefined);
  }

  async #load(): Promise<FileCode> {
    try {
      await this.#options.fetch();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      throw new ApiError(error.code, 404, 'This page is older than the server. Reload it.');
    }
    return (await this.#options.import()) as FileCode;
  }
}
