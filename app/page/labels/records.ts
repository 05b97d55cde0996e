/** What this browser keeps of the labels of one cloud, and where: the same for all tabs. */
import type { PageLabels } from '../api/index.ts';

/** What the storage behind the server has, as far as this browser knows. */
export interface Stored {
  /** null: the storage has no labels of the cloud. */
  readonly document: PageLabels | null;
  readonly etag: string | null;
}

export interface LabelRecord {
  /** See `recordKey`. */
  readonly key: string;
  readonly cloud: string;
  /** The labels as they are in this browser. */
  readonly document: PageLabels;
  /** null: the server was not asked yet, or it keeps no labels. */
  readonly stored: Stored | null;
  /** What was sent since `stored` and had no answer: the storage may have the last of it, or none. */
  readonly sent?: readonly PageLabels[];
}

/** Labels are kept by server and by cloud: two servers may well have clouds of the same name. */
export function recordKey(server: string, cloud: string): string {
  return `${server}|${cloud}`;
}

export interface RecordStore {
  /** True if the records outlive the page. */
  readonly isLasting: boolean;
  get(key: string): Promise<LabelRecord | undefined>;
  /** All records of a server. */
  all(server: string): Promise<LabelRecord[]>;
  /**
   * Reads a record and writes its next state, in one transaction over all tabs. `change` may return the
   * record as it was. Rejects if the browser cannot keep it, for example because its disk is full.
   */
  update(key: string, change: (record: LabelRecord | undefined) => LabelRecord): Promise<LabelRecord>;
}

/** Records that live as long as the page: for browsers that refuse to keep anything, and for tests. */
export class MemoryRecords implements RecordStore {
  readonly isLasting: boolean;
  readonly #records = new Map<string, LabelRecord>();

  /** @param isLasting what to say of it: tests stand in for a browser with it. Default: false */
  constructor({ isLasting = false }: { readonly isLasting?: boolean } = {}) {
    this.isLasting = isLasting;
  }

  async get(key: string): Promise<LabelRecord | undefined> {
    return this.#records.get(key);
  }

  async all(server: string): Promise<LabelRecord[]> {
    return [...this.#records.values()].filter(({ key }) => key.startsWith(`${server}|`));
  }

  async update(key: string, change: (record: LabelRecord | undefined) => LabelRecord): Promise<LabelRecord> {
    const record = change(this.#records.get(key));
    this.#records.set(key, record);
    return record;
  }
}
