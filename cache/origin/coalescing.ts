/**
 * Coalesced reads: ranges of one object that are asked for at the same time and lie near each other are
 * fetched by one request.
 */
import {
  type ByteRange,
  ObjectTooLarge,
  type SourceReadOptions,
  type StoredObject,
} from '../byte-source/index.ts';
import { checkInteger, isNearboxError, linkedSignal, whenAborted } from '../foundation/index.ts';

export interface CoalescingOptions {
  /**
   * Largest gap between two ranges of one request, bytes. Default: 64 KiB, which costs about as much as a
   * request.
   */
  readonly maxGapBytes?: number | undefined;
  /** Most bytes of one request for several ranges. Default: 8 MiB. */
  readonly maxReadBytes?: number | undefined;
}

export interface CoalescingStats {
  /** Ranges asked for, and requests sent for them. */
  readonly asked: number;
  readonly sent: number;
  /** Bytes between the ranges, which no caller requested. */
  readonly gapBytes: number;
}

const MAX_GAP_BYTES = 64 * 1024;
const MAX_READ_BYTES = 8 * 1024 * 1024;

type Send = (path: string, options: SourceReadOptions) => Promise<StoredObject | null>;

/** A range that waits for its request to be sent. */
interface WaitingRead {
  readonly range: ByteRange;
  readonly signal: AbortSignal | undefined;
  resolve(stored: StoredObject | null): void;
  reject(error: unknown): void;
}

/**
 * Collects the ranges of one object, under one validator, that are asked for in one turn of the event loop.
 * At the end of the turn it sends one request for each group of near ranges. Each caller gets its bytes in a
 * buffer of its own, and can cancel without affecting the others.
 */
export class Coalescing {
  readonly #send: Send;
  readonly #maxGapBytes: number;
  readonly #maxReadBytes: number;
  readonly #queues = new Map<string, WaitingRead[]>();
  #stats = { asked: 0, sent: 0, gapBytes: 0 };

  constructor({ maxGapBytes = MAX_GAP_BYTES, maxReadBytes = MAX_READ_BYTES }: CoalescingOptions, send: Send) {
    checkInteger('maxGapBytes', maxGapBytes, 0, 2 ** 30);
    checkInteger('maxReadBytes', maxReadBytes, 1, 2 ** 30);
    this.#maxGapBytes = maxGapBytes;
    this.#maxReadBytes = maxReadBytes;
    this.#send = send;
  }

  get stats(): CoalescingStats {
    return this.#stats;
  }

  read(path: string, options: SourceReadOptions): Promise<StoredObject | null> {
    const { range, ifMatch, signal, maxBytes } = options;
    if (range === undefined || !isSane(range)) return this.#send(path, options);
    if (maxBytes !== undefined && range.length > maxBytes)
      return Promise.reject(new ObjectTooLarge(path, range.length, maxBytes));
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#stats.asked += 1;
    return new Promise((resolve, reject) => {
      const key = `${ifMatch ?? ''}\n${path}`;
      const waiting: WaitingRead = { range, signal, resolve, reject };
      const queue = this.#queues.get(key);
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      this.#queues.set(key, [waiting]);
      // By now, every read that waits for nothing else has been requested.
      setImmediate(() => {
        const all = this.#queues.get(key)!;
        this.#queues.delete(key);
        for (const group of neighbours(all, this.#maxGapBytes, this.#maxReadBytes))
          void this.#sendGroup(path, ifMatch, group);
      });
    });
  }

  /** Settles every read of the group and never rejects. */
  async #sendGroup(path: string, ifMatch: string | undefined, group: readonly WaitingRead[]): Promise<void> {
    const range = spanOf(group);
    const { signal, release } = whileAnyWaits(group);
    this.#stats.sent += 1;
    this.#stats.gapBytes += gapsIn(group);
    try {
      const stored = await this.#send(path, {
        range,
        signal,
        ...(ifMatch !== undefined && { ifMatch }),
        maxBytes: range.length,
      });
      for (const { range: own, resolve } of group)
        resolve(stored && cutOut(stored, range, own, group.length));
    } catch (error) {
      // A range past the end of the object must not fail the others.
      if (group.length > 1 && isNearboxError(error, 'range_not_satisfiable'))
        await Promise.all(group.map((one) => this.#sendGroup(path, ifMatch, [one])));
      else for (const { reject } of group) reject(error);
    } finally {
      release();
    }
  }
}

function isSane({ offset, length }: ByteRange): boolean {
  return Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0;
}

/** The ranges in the order of their offsets, in groups that are each fetched by one request. */
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

/** The range from the first byte of a group to its last. */
export function spanOf(group: readonly { readonly range: ByteRange }[]): ByteRange {
  const offset = group[0]!.range.offset;
  const end = Math.max(...group.map(({ range }) => range.offset + range.length));
  return { offset, length: end - offset };
}

function gapsIn(group: readonly WaitingRead[]): number {
  let gaps = 0;
  let end = group[0]!.range.offset;
  for (const { range } of group) {
    gaps += Math.max(0, range.offset - end);
    end = Math.max(end, range.offset + range.length);
  }
  return gaps;
}

/** The bytes of the range `own`, out of an answer for `range` that `sharers` callers share. */
function cutOut(stored: StoredObject, range: ByteRange, own: ByteRange, sharers: number): StoredObject {
  if (sharers === 1) return stored;
  const from = own.offset - range.offset;
  return { ...stored, bytes: stored.bytes.slice(from, from + own.length) };
}

/**
 * A signal that aborts when the last caller of the group has left. A caller that leaves earlier is rejected
 * at once.
 */
function whileAnyWaits(group: readonly WaitingRead[]): {
  readonly signal: AbortSignal | undefined;
  release(): void;
} {
  // A single caller needs only its own signal.
  const own = group.length === 1 ? null : linkedSignal(undefined);
  let waiting = group.length;
  const ends = group.map(({ signal, reject }) =>
    whenAborted(signal, (reason) => {
      reject(reason);
      if (--waiting === 0) own?.abort(reason);
    }),
  );
  return {
    signal: own === null ? group[0]!.signal : own.signal,
    release() {
      for (const end of ends) end();
    },
  };
}
