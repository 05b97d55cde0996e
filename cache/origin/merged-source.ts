/** Neighbouring stretches of one object that are asked for at the same time, fetched by one read. */
import { setMaxListeners } from 'node:events';
import {
  type ByteRange,
  type ByteSource,
  type Listing,
  type ObjectStat,
  ObjectTooLarge,
  type ReadOptions,
  type SourceOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import { checkInteger, isNearboxError } from '../foundation/index.ts';

export interface MergedSourceOptions {
  /** Most bytes between two stretches that are fetched for nothing. Default: 64 KiB, about what a request costs otherwise. */
  readonly maxGapBytes?: number;
  /** Most bytes of a merged read. Default: 8 MiB. */
  readonly maxReadBytes?: number;
}

export interface MergedSourceStats {
  /** Reads of stretches that were asked for, and those sent for them. */
  readonly asked: number;
  readonly sent: number;
  /** Bytes that nobody asked for. */
  readonly gapBytes: number;
}

const MAX_GAP_BYTES = 64 * 1024;
const MAX_READ_BYTES = 8 * 1024 * 1024;

/** A read that waits for its turn to be sent. */
interface Waiting {
  readonly range: ByteRange;
  readonly signal: AbortSignal | undefined;
  resolve(stored: StoredObject | null): void;
  reject(error: unknown): void;
}

/**
 * Wraps a source. Ranged reads of one object, under one validator, that are asked for in one turn of the event loop are sent together at its
 * end: in the order of their offsets, those less than `maxGapBytes` apart as one. Each caller gets its own bytes, over a buffer of
 * their own, and may leave without the others. All other calls go straight through.
 */
export class MergedSource implements ByteSource {
  readonly label: string;
  readonly rootName: string | null;
  readonly list?: (path: string, options?: SourceOptions) => Promise<Listing | null>;
  readonly #source: ByteSource;
  readonly #maxGapBytes: number;
  readonly #maxReadBytes: number;
  readonly #queues = new Map<string, Waiting[]>();
  #stats = { asked: 0, sent: 0, gapBytes: 0 };

  constructor(
    source: ByteSource,
    { maxGapBytes = MAX_GAP_BYTES, maxReadBytes = MAX_READ_BYTES }: MergedSourceOptions = {},
  ) {
    checkInteger('maxGapBytes', maxGapBytes, 0, 2 ** 30);
    checkInteger('maxReadBytes', maxReadBytes, 1, 2 ** 30);
    this.#source = source;
    this.#maxGapBytes = maxGapBytes;
    this.#maxReadBytes = maxReadBytes;
    this.label = source.label;
    this.rootName = source.rootName;
    if (source.list !== undefined) this.list = source.list.bind(source);
  }

  stat(path: string, options?: SourceOptions): Promise<ObjectStat | null> {
    return this.#source.stat(path, options);
  }

  read(path: string, options: ReadOptions = {}): Promise<StoredObject | null> {
    const { range, ifMatch, signal, maxBytes } = options;
    if (range === undefined || !isSane(range)) return this.#source.read(path, options);
    if (maxBytes !== undefined && range.length > maxBytes)
      return Promise.reject(new ObjectTooLarge(path, range.length, maxBytes));
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#stats.asked += 1;
    return new Promise((resolve, reject) => {
      const key = JSON.stringify([path, ifMatch ?? null]);
      const queue = this.#queues.get(key);
      const waiting: Waiting = { range, signal, resolve, reject };
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      this.#queues.set(key, [waiting]);
      // By then, all that could be asked for without waiting for something else has been.
      setImmediate(() => {
        const all = this.#queues.get(key)!;
        this.#queues.delete(key);
        for (const group of neighbours(all, this.#maxGapBytes, this.#maxReadBytes))
          void this.#send(path, ifMatch, group);
      });
    });
  }

  stats(): MergedSourceStats {
    return { ...this.#stats };
  }

  /** Settles every read of the group, and never rejects itself. */
  async #send(path: string, ifMatch: string | undefined, group: readonly Waiting[]): Promise<void> {
    const range = spanOf(group);
    const { signal, leave } = whileAnyWaits(group);
    this.#stats.sent += 1;
    this.#stats.gapBytes += gapsIn(group);
    try {
      const stored = await this.#source.read(path, {
        range,
        signal,
        ...(ifMatch !== undefined && { ifMatch }),
        maxBytes: range.length,
      });
      for (const { range: own, resolve } of group) resolve(stored && cutOut(stored, range, own));
    } catch (error) {
      // One stretch past the end must not take the others with it.
      if (group.length > 1 && isNearboxError(error, 'range_not_satisfiable'))
        await Promise.all(group.map((one) => this.#send(path, ifMatch, [one])));
      else for (const { reject } of group) reject(error);
    } finally {
      leave();
    }
  }
}

function isSane({ offset, length }: ByteRange): boolean {
  return Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0;
}

/** In the order of their offsets, cut where the gap or the whole gets too large: each group is one read. */
export function neighbours<Stretch extends { readonly range: ByteRange }>(
  all: readonly Stretch[],
  maxGapBytes = MAX_GAP_BYTES,
  maxReadBytes = MAX_READ_BYTES,
): Stretch[][] {
  const groups: Stretch[][] = [];
  let [start, end] = [0, Number.NEGATIVE_INFINITY];
  for (const stretch of all.toSorted((a, b) => a.range.offset - b.range.offset)) {
    const { offset, length } = stretch.range;
    const newEnd = Math.max(end, offset + length);
    if (offset - end <= maxGapBytes && newEnd - start <= maxReadBytes) {
      groups.at(-1)!.push(stretch);
      end = newEnd;
    } else {
      groups.push([stretch]);
      [start, end] = [offset, offset + length];
    }
  }
  return groups;
}

/** What a read of a group takes, from its first byte to its last. */
export function spanOf(group: readonly { readonly range: ByteRange }[]): ByteRange {
  const offset = group[0]!.range.offset;
  const end = Math.max(...group.map(({ range }) => range.offset + range.length));
  return { offset, length: end - offset };
}

function gapsIn(group: readonly Waiting[]): number {
  let gaps = 0;
  let end = group[0]!.range.offset;
  for (const { range } of group) {
    gaps += Math.max(0, range.offset - end);
    end = Math.max(end, range.offset + range.length);
  }
  return gaps;
}

/** The stretch `own` of what was read as `range`. */
function cutOut(stored: StoredObject, range: ByteRange, own: ByteRange): StoredObject {
  if (own.length === range.length) return { ...stored, bytes: new Uint8Array(stored.bytes) };
  const from = own.offset - range.offset;
  return { ...stored, bytes: stored.bytes.slice(from, from + own.length) };
}

/** A signal that aborts when the last of the group has left; those who leave earlier are told at once. */
function whileAnyWaits(group: readonly Waiting[]): { readonly signal: AbortSignal; leave(): void } {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  let waiting = group.length;
  const listening = group.map(({ signal, reject }) => {
    const onAbort = () => {
      reject(signal?.reason);
      if (--waiting === 0) controller.abort(signal?.reason);
    };
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    return { signal, onAbort };
  });
  return {
    signal: controller.signal,
    leave() {
      for (const { signal, onAbort } of listening) signal?.removeEventListener('abort', onAbort);
    },
  };
}
