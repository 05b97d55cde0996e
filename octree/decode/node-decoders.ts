/** Decodes stored nodes: in worker threads, or in the thread that asks. */
import { BufferPool, NearboxError } from '../../cache/foundation/index.ts';
import { WorkerPool, type WorkerPoolStats } from '../../cache/workers/index.ts';
import { type AllocatePoints, type DecodedNode, decodedBuffers } from '../points/index.ts';
import { zstdReady } from '../zstd/index.ts';
import type { DecodeJob } from './decode-job.ts';
import { checkDecodeLimits, decodeMemoryBytes } from './decode-limits.ts';
import { decodeNode } from './decode-node.ts';

export interface DecodeOptions {
  /** Rejects with the signal's reason; a decode that has begun is finished and its result is dropped. */
  readonly signal?: AbortSignal | undefined;
}

/** Decodes nodes for a CloudReader. */
export interface NodeDecoders {
  /** Resolves when the first decode can begin at once. */
  ready(): Promise<void>;
  /**
   * The points of the node. Throws `corrupt_tile` without the name of the node, which the caller knows. Does
   * not change `job.bytes`.
   */
  run(job: DecodeJob, options?: DecodeOptions): Promise<DecodedNode>;
  /**
   * Takes the memory of a node that nobody holds any more, for later decodes. Missing where it is left to the
   * garbage collector.
   */
  reuse?(node: DecodedNode): void;
  stats(): WorkerPoolStats;
  /** Waits for running decodes. Later ones fail as `overloaded`. */
  close(): Promise<void>;
}

export interface PooledDecodersOptions {
  /** Threads. */
  readonly workers: number;
  /** Jobs that may wait for a thread; one more is `overloaded`. */
  readonly maxQueue: number;
}

/** Decodes in worker threads, so that a large node does not hold up the thread that asks. */
export class PooledDecoders implements NodeDecoders {
  readonly #pool: WorkerPool<DecodeJob, DecodedNode>;

  constructor({ workers, maxQueue }: PooledDecodersOptions) {
    const entry = new URL('./decode-worker.ts', import.meta.url);
    this.#pool = new WorkerPool({ name: 'decode', entry, workers, maxQueue, endsHung: true });
  }

  ready(): Promise<void> {
    return this.#pool.ready();
  }

  run(job: DecodeJob, { signal }: DecodeOptions = {}): Promise<DecodedNode> {
    // A copy, because the disk tier or another caller may still need the stored bytes.
    const bytes = job.bytes.slice();
    return this.#pool.run({ ...job, bytes }, { signal, transfer: [bytes.buffer] });
  }

  stats(): WorkerPoolStats {
    return this.#pool.stats();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Weight of the newest decode in the average of service times. */
const NEWEST_WEIGHT = 0.2;

/**
 * Decoding a node that takes more memory than this (some 500,000 points) would hold the thread for more than
 * about 20 ms.
 */
const MAX_INLINE_BYTES = 16 * 1024 * 1024;
/** Memory that waits for the next nodes: some whole frames of a scanner, bytes. */
const MAX_FREE_BYTES = 32 * 1024 * 1024;
/** The pool for such nodes. They are rare, so one thread is enough. */
const LARGE_NODES: PooledDecodersOptions = { workers: 1, maxQueue: 64 };

/**
 * Decodes in the calling thread: for a reader that runs in a worker thread of its own. Nothing is copied
 * between threads, and the memory of nodes is used again. Only very large nodes are decoded in a separate
 * thread, so that other requests do not wait for them.
 */
export class InlineDecoders implements NodeDecoders {
  #large: PooledDecoders | null = null;
  readonly #buffers = new BufferPool(MAX_FREE_BYTES);
  readonly #running = new Set<Promise<unknown>>();
  #isReady = false;
  #isClosed = false;
  #finished = 0;
  #serviceMs = 0;

  async ready(): Promise<void> {
    await zstdReady();
    this.#isReady = true;
  }

  async run(job: DecodeJob, { signal }: DecodeOptions = {}): Promise<DecodedNode> {
    signal?.throwIfAborted();
    if (this.#isClosed)
      throw new NearboxError('overloaded', 'decode is shutting down', { retryAfterSeconds: 1 });
    if (decodeMemoryBytes(job) > MAX_INLINE_BYTES) {
      checkTile(job);
      this.#large ??= new PooledDecoders(LARGE_NODES);
      return this.#large.run(job, { signal });
    }
    if (!this.#isReady) await this.ready();
    signal?.throwIfAborted();
    const began = performance.now();
    const decoding = decodeTile(job, (bytes) => this.#buffers.take(bytes));
    this.#running.add(decoding);
    try {
      return await decoding;
    } finally {
      this.#running.delete(decoding);
      this.#finished += 1;
      const ms = performance.now() - began;
      this.#serviceMs = this.#finished === 1 ? ms : this.#serviceMs + NEWEST_WEIGHT * (ms - this.#serviceMs);
    }
  }

  reuse(node: DecodedNode): void {
    for (const buffer of decodedBuffers(node)) this.#buffers.give(buffer);
  }

  stats(): WorkerPoolStats {
    const running = this.#running.size;
    return {
      workers: 1,
      ready: this.#isReady ? 1 : 0,
      queued: 0,
      running,
      maxQueue: 0,
      finished: this.#finished,
      deaths: 0,
      serviceMs: this.#serviceMs,
      predictedWaitMs: this.#serviceMs * running,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#running, this.#large?.close()]);
  }
}

/** Throws `corrupt_tile` if the node exceeds a limit for decoding. */
function checkTile(job: DecodeJob): void {
  try {
    checkDecodeLimits(job);
  } catch (cause) {
    throw new NearboxError('corrupt_tile', (cause as Error).message, { cause });
  }
}

/** Decodes a node in this thread. Every failure is caused by the bytes and thrown as `corrupt_tile`. */
export async function decodeTile(job: DecodeJob, allocate?: AllocatePoints): Promise<DecodedNode> {
  try {
    return await decodeNode(job, allocate);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the decoder gave up';
    throw new NearboxError('corrupt_tile', message, { cause: error });
  }
}
