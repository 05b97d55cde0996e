/** Records in IndexedDB: transactions there are atomic over all tabs of a browser. */
import type { LabelRecord, RecordStore } from './records.ts';

const DATABASE = 'nearbox';
const STORE = 'labels';

export class IndexedRecords implements RecordStore {
  readonly isLasting = true;
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** Rejects where the browser has no database for this page. */
  static open(): Promise<IndexedRecords> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' });
      request.onsuccess = () => resolve(new IndexedRecords(request.result));
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error('another tab holds the database of an older page'));
    });
  }

  async get(key: string): Promise<LabelRecord | undefined> {
    return asPromise<LabelRecord | undefined>(this.#store('readonly').get(key));
  }

  async all(server: string): Promise<LabelRecord[]> {
    return asPromise<LabelRecord[]>(
      this.#store('readonly').getAll(IDBKeyRange.bound(`${server}|`, `${server}|\uffff`)),
    );
  }

  update(key: string, change: (record: LabelRecord | undefined) => LabelRecord): Promise<LabelRecord> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(STORE, 'readwrite');
      const store = transaction.objectStore(STORE);
      let record: LabelRecord;
      const read = store.get(key) as IDBRequest<LabelRecord | undefined>;
      read.onsuccess = () => {
        record = change(read.result);
        if (record !== read.result) store.put(record);
        transaction.commit();
      };
      transaction.oncomplete = () => resolve(record);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error ?? new Error('the browser gave the write up'));
    });
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(STORE, mode).objectStore(STORE);
  }
}

function asPromise<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}
