/** How stored bytes are read: from a folder, S3, HTTP, or a fake that a test controls. */
import { type BufferPool, NearboxError } from '../foundation/index.ts';

/** `length` bytes of an object from `offset`. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface SourceOptions {
  /** Ends the call: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Use a new connection; for retries. Storage without connections ignores it. Default: false. */
  readonly fresh?: boolean | undefined;
}

export interface SourceReadOptions extends SourceOptions {
  /** The bytes to read. Default: the whole object. */
  readonly range?: ByteRange | undefined;
  /**
   * Instead of a range: how many bytes to read from the end; a shorter object is read whole. Storage that
   * cannot do this fails as `source_unavailable`.
   */
  readonly last?: number | undefined;
  /** The validator that the object must still have; `cloud_changed` if it has another one. */
  readonly ifMatch?: string | undefined;
  /**
   * The most bytes to read; `ObjectTooLarge` if the object or the range has more. Default: the source's own
   * limit.
   */
  readonly maxBytes?: number | undefined;
  /**
   * Where the memory for a whole object may come from; `StoredObject.bytes` may then lie in a buffer of it,
   * which the caller gives back. Sources may ignore it. Default: new memory.
   */
  readonly buffers?: BufferPool | undefined;
}

/** When an object was put in its place, as far as the storage tells. */
export interface StoredPlace {
  /**
   * Changes whenever the object is written again, even with the same bytes: two answers with the same token
   * prove that the object was not replaced in between.
   */
  readonly token: string;
  /**
   * How long a further replacement could still get the same token, milliseconds, because clocks advance in
   * steps; 0 if it could not.
   */
  readonly settlesInMs: number;
}

export interface ObjectStat {
  /** Size of the whole object in bytes. */
  readonly size: number;
  /** A validator that changes when the object is replaced; null if the storage has none. */
  readonly etag: string | null;
  /** When the object was put in its place. Left out where the storage does not say. */
  readonly placement?: StoredPlace | undefined;
  /**
   * Least age of the object when the storage answered, milliseconds, by the storage's own clock: any read
   * since then would have got this object. Missing if the storage does not say. Dates of files do not: a
   * renamed file keeps them.
   */
  readonly unchangedMs?: number | undefined;
}

export interface StoredObject extends ObjectStat {
  /**
   * The requested bytes in a buffer of their own, which may be transferred to another thread. With
   * `SourceReadOptions.buffers` the buffer may be longer.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The names of the entries of a folder, each list in code unit order. */
export interface Listing {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Where clouds are stored. Paths are relative, `/`-separated and checked with `checkPath`.
 *
 * A missing object is `null`. Every other failure of the storage is a NearboxError `source_unavailable`; a
 * range that the object does not have is `range_not_satisfiable`; an object that was replaced (`ifMatch`, or
 * in the middle of the read) is `cloud_changed`.
 */
export interface ByteSource {
  /** For messages: what is read from, without credentials. */
  readonly label: string;
  /** The id of a cloud that lies at the root itself; null if the root has no name. */
  readonly rootName: string | null;
  read(path: string, options?: SourceReadOptions): Promise<StoredObject | null>;
  stat(path: string, options?: SourceOptions): Promise<ObjectStat | null>;
  /**
   * The entries of a folder (`''` is the root); null if there is none. A source that cannot list has no such
   * method.
   */
  list?(path: string, options?: SourceOptions): Promise<Listing | null>;
}

/** An object that has more bytes than the reader allows. */
export class ObjectTooLarge extends NearboxError {
  readonly size: number;
  readonly limit: number;

  constructor(path: string, size: number, limit: number) {
    super('source_unavailable', `${path} has ${size} bytes; at most ${limit} are read`);
    this.name = 'ObjectTooLarge';
    this.size = size;
    this.limit = limit;
  }
}

/** Longest path that is looked up, in UTF-16 units. */
const MAX_PATH_LENGTH = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

/**
 * True for a path of an object below the root: relative, not empty, without empty, `.` or `..` segments,
 * no backslash or control character, no lone surrogate.
 */
export function isPlainPath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH_LENGTH || FORBIDDEN.test(path) || !isWellFormed(path))
    return false;
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Throws `invalid_request` unless `path` is a plain path. Every source calls it first. */
export function checkPath(path: string): void {
  if (!isPlainPath(path))
    throw new NearboxError('invalid_request', `${JSON.stringify(path)} is not a path below the root`);
}

/** Throws `range_not_satisfiable` unless the range lies in an object of `size` bytes. */
export function checkRange(path: string, range: ByteRange, size: number): void {
  const { offset, length } = range;
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!sane || offset + length > size) {
    throw new NearboxError(
      'range_not_satisfiable',
      `${path}: bytes ${offset} to ${offset + length} were requested, the object has ${size}`,
    );
  }
}

/** The range of the last `last` bytes of an object. Throws `range_not_satisfiable` for an empty object. */
export function lastRange(path: string, last: number, size: number): ByteRange {
  const length = Math.min(last, size);
  if (!Number.isSafeInteger(last) || length < 1) {
    throw new NearboxError(
      'range_not_satisfiable',
      `${path}: the last ${last} bytes were requested, it has ${size}`,
    );
  }
  return { offset: size - length, length };
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text, 'utf8').toString('utf8') === text;
}
