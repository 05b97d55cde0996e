/** A storage whose calls are seen: how long each took, what came of it, and how many bytes it gave. */
import {
  type ByteSource,
  type ErrorCode,
  type Listing,
  NearboxError,
  type ObjectStat,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../../cache/index.ts';

/** One call that has ended. */
export interface StorageCall {
  readonly operation: 'read' | 'stat' | 'list';
  readonly path: string;
  /** `absent`: there is no such object; `left`: nobody waits for it any more. */
  readonly outcome: 'ok' | 'absent' | 'left' | ErrorCode;
  readonly ms: number;
  /** Bytes that came: those of a read, else 0. */
  readonly bytes: number;
}

/** Wraps a source; `onCall` is told of every call when it has ended. */
export class ObservedSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly list?: (path: string, options?: SourceOptions) => Promise<Listing | null>;
  readonly #source: ByteSource;
  readonly #onCall: (call: StorageCall) => void;

  constructor(source: ByteSource, onCall: (call: StorageCall) => void) {
    this.label = source.label;
    this.rootName = source.rootName;
    this.#source = source;
    this.#onCall = onCall;
    if (source.list !== undefined)
      this.list = (path, options) => this.#observe('list', path, options, source.list!(path, options));
  }

  read(path: string, options?: ReadOptions): Promise<StoredObject | null> {
    return this.#observe('read', path, options, this.#source.read(path, options));
  }

  stat(path: string, options?: SourceOptions): Promise<ObjectStat | null> {
    return this.#observe('stat', path, options, this.#source.stat(path, options));
  }

  async #observe<Value>(
    operation: StorageCall['operation'],
    path: string,
    options: SourceOptions | undefined,
    pending: Promise<Value | null>,
  ): Promise<Value | null> {
    const began = performance.now();
    const tell = (outcome: StorageCall['outcome'], bytes = 0) =>
      this.#onCall({ operation, path, outcome, ms: performance.now() - began, bytes });
    try {
      const value = await pending;
      tell(value === null ? 'absent' : 'ok', bytesOf(value));
      return value;
    } catch (error) {
      if (options?.signal?.aborted) tell('left');
      else tell(error instanceof NearboxError ? error.code : 'internal');
      throw error;
    }
  }
}

function bytesOf(value: unknown): number {
  const { bytes } = (value ?? {}) as Partial<StoredObject>;
  return bytes?.byteLength ?? 0;
}
