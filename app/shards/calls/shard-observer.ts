/** What is seen in a shard, until an answer carries it to the main thread. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PredictionStage } from '../../../inference/index.ts';
import type { StorageCall } from '../../observability/index.ts';
import type { EndedStorageCall, Observed } from './messages.ts';

/** Calls of the storage that wait for an answer to carry them; later ones are not counted. */
const MAX_WAITING = 10_000;

/** What is seen of one traced call. */
interface OwnRecord {
  readonly storage: EndedStorageCall[];
  readonly stages: PredictionStage[];
}

export class ShardObserver {
  readonly #current = new AsyncLocalStorage<OwnRecord>();
  #storage: EndedStorageCall[] = [];

  /** Of the traced call that the running work belongs to, if there is one. */
  storageCall(call: StorageCall): void {
    const calls = this.#current.getStore()?.storage ?? this.#storage;
    if (calls.length < MAX_WAITING) calls.push({ ...call, endedAt: Date.now() });
  }

  /** Runs `work` with its own record. */
  traced<Value>(work: (record: OwnRecord) => Value): Value {
    const record: OwnRecord = { storage: [], stages: [] };
    return this.#current.run(record, () => work(record));
  }

  /** Everything that no answer has carried yet, and the record of the answer's own call. */
  take(own?: OwnRecord): Observed {
    const storage = this.#storage;
    if (storage.length > 0) this.#storage = [];
    return { ...(storage.length > 0 && { storage }), ...(own !== undefined && { own }) };
  }
}
