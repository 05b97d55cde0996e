/** A source whose every call is held until a test settles it. */
import type {
  ByteSource,
  ObjectStat,
  SourceOptions,
  SourceReadOptions,
  StoredObject,
} from '../byte-source/index.ts';
import { type Deferred, deferred } from './deferred.ts';

export interface HeldCall<T> extends Deferred<T> {
  readonly path: string;
  readonly options: SourceReadOptions;
}

/** Aborted calls reject by themselves with the signal's reason, as those of a real source do. */
export class HeldSource implements ByteSource {
  readonly label = 'held';
  readonly rootName = null;
  readonly reads: HeldCall<StoredObject | null>[] = [];
  readonly stats: HeldCall<ObjectStat | null>[] = [];

  read(path: string, options: SourceReadOptions = {}): Promise<StoredObject | null> {
    return hold(this.reads, path, options);
  }

  stat(path: string, options: SourceOptions = {}): Promise<ObjectStat | null> {
    return hold(this.stats, path, options);
  }
}

function hold<T>(calls: HeldCall<T>[], path: string, options: SourceReadOptions): Promise<T> {
  const call = { ...deferred<T>(), path, options };
  options.signal?.addEventListener('abort', () => call.reject(options.signal?.reason), { once: true });
  calls.push(call);
  return call.promise;
}

/** An object as a source gives it. */
export function stored(bytes: Uint8Array | string, etag: string | null = '"1"'): StoredObject {
  const own = Uint8Array.from(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  return { bytes: own, size: own.length, etag };
}
