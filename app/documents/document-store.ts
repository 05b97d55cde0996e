/** Small documents by key, each replaced only by a writer who has seen its present state. */

export interface StoredDocument {
  readonly bytes: Uint8Array;
  /** A strong entity tag, in quotes. It changes with the content. */
  readonly etag: string;
}

/** The document is not in the state that the write should replace. */
export type Precondition = { readonly ifMatch: string } | { readonly ifAbsent: true };

export interface DocumentOptions {
  /** Ends the wait. A write that has begun may still take effect. */
  readonly signal?: AbortSignal | undefined;
}

export interface DocumentPageOptions extends DocumentOptions {
  /** Only keys that begin with this text. */
  readonly prefix: string;
  /** Only keys behind this one, in the store's order. */
  readonly after: string | null;
  /** The most keys of a page. */
  readonly limit: number;
}

export interface DocumentPage {
  readonly keys: readonly string[];
  /** The last key that was looked at; null if there are no more. */
  readonly next: string | null;
}

/**
 * Keys are relative, `/`-separated, plain paths. A write resolves when the storage has the document for good.
 * Failures of the storage are NearboxErrors `source_unavailable`.
 */
export interface DocumentStore {
  /** For messages: where the documents are, without credentials. */
  readonly label: string;
  /** The document; null if there is none. */
  read(key: string, options?: DocumentOptions): Promise<StoredDocument | null>;
  /** Resolves with the new tag. @throws PreconditionFailed if another state is there. */
  write(
    key: string,
    bytes: Uint8Array,
    precondition: Precondition,
    options?: DocumentOptions,
  ): Promise<{ readonly etag: string }>;
  /** @throws PreconditionFailed if another state is there. */
  remove(key: string, ifMatch: string, options?: DocumentOptions): Promise<void>;
  /** Keys in the store's order, page by page. A page may be shorter than its limit. */
  list(options: DocumentPageOptions): Promise<DocumentPage>;
  close(): Promise<void>;
}

/** The state that a write was to replace is not the one that is there. */
export class PreconditionFailed extends Error {
  /** The tag of the present document; null if there is none. */
  readonly present: string | null;

  constructor(key: string, present: string | null) {
    super(present === null ? `${key} does not exist` : `${key} has changed; its present tag is ${present}`);
    this.name = 'PreconditionFailed';
    this.present = present;
  }
}
