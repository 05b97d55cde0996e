/** laz-perf (WebAssembly), tamed. Only for decode workers: its glue code reaches for the whole process. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createLazPerf, type LazPerf } from 'laz-perf';

/** What is used of the global `WebAssembly`: it is declared with the DOM's types, which a server has no use for. */
interface WebAssemblyGlobal {
  compile(bytes: Uint8Array): Promise<object>;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal };

/** A heap that one large file has blown up is not kept: WebAssembly memory never shrinks. */
const MAX_KEPT_HEAP_BYTES = 192 * 1024 * 1024;

/** The process events on which the glue code puts handlers that rethrow. */
const HOOKED = ['uncaughtException', 'unhandledRejection'] as const;

let kept: LazPerf | null = null;
let compiling: Promise<object> | null = null;

/** Hands out the instance, made on first use. `work` may throw anything: the instance is thrown away then, for its state is unknown. */
export async function withLazPerf<Value>(work: (lazPerf: LazPerf) => Value): Promise<Value> {
  const lazPerf = kept ?? (await createQuietly());
  kept = null;
  const value = work(lazPerf);
  if (lazPerf.HEAPU8.byteLength <= MAX_KEPT_HEAP_BYTES) kept = lazPerf;
  return value;
}

async function createQuietly(): Promise<LazPerf> {
  const before = new Map(
    HOOKED.map((event) => [event, new Set(process.listeners(event as 'uncaughtException'))]),
  );
  const module = await compiled();
  const lazPerf = await createLazPerf({
    instantiateWasm(imports: object, done: (instance: object) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      done(instance);
      return instance.exports;
    },
  });
  for (const [event, listeners] of before) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!listeners.has(listener)) process.removeListener(event, listener);
    }
  }
  return lazPerf;
}

/** Compiled once: damaged files cost a new instance each, and must not cost a compilation each. */
function compiled(): Promise<object> {
  compiling ??= readFile(createRequire(import.meta.url).resolve('laz-perf/lib/node/laz-perf.wasm')).then(
    (bytes) => WebAssembly.compile(bytes),
  );
  return compiling;
}
