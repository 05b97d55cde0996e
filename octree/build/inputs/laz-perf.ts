/**
 * The LAZ decoder (laz-perf, WebAssembly) without its side effects: it installs process-wide handlers for uncaught exceptions
 * and rejections, which are removed again.
 */
import { createRequire } from 'node:module';

/** The part of laz-perf's module that is used. Pointers are byte addresses in HEAPU8. */
export interface LazPerf {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  readonly ChunkDecoder: new () => ChunkDecoder;
}

export interface ChunkDecoder {
  open(pointFormat: number, recordBytes: number, chunk: number): void;
  getPoint(record: number): void;
  delete(): void;
}

const HANDLED = ['uncaughtException', 'unhandledRejection'] as const;
/** WebAssembly memory never shrinks: an instance that a large chunk has blown up is not kept. */
const MOST_KEPT_BYTES = 128 * 1024 * 1024;

let kept: LazPerf | null = null;
/** Loading happens one at a time, so that only the handlers of laz-perf are removed. */
let loading: Promise<unknown> = Promise.resolve();

/** An instance for one file. After a failure it must be dropped, for the state of its memory is unknown. */
export function takeLazPerf(): Promise<LazPerf> {
  if (kept !== null) {
    const instance = kept;
    kept = null;
    return Promise.resolve(instance);
  }
  const next = loading.then(load, load);
  loading = next.catch(() => undefined);
  return next;
}

/** Keeps an instance for the next file. All that was allocated in it must be free again. */
export function giveLazPerfBack(instance: LazPerf): void {
  if (instance.HEAPU8.byteLength <= MOST_KEPT_BYTES) kept = instance;
}

async function load(): Promise<LazPerf> {
  const before = HANDLED.map((event) => new Set(process.rawListeners(event)));
  try {
    const require = createRequire(import.meta.url);
    const { createLazPerf } = require('laz-perf') as { createLazPerf: () => Promise<LazPerf> };
    return await createLazPerf();
  } finally {
    for (const [index, event] of HANDLED.entries()) {
      for (const listener of process.rawListeners(event)) {
        if (!before[index]!.has(listener)) process.removeListener(event, listener as () => void);
      }
    }
  }
}
