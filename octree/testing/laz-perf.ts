/** The reference that the LAZ decoder is compared with: laz-perf, the C++ library compiled to WebAssembly. */
import { createLazPerf, type LazPerf } from 'laz-perf';
import type { PointRecords } from '../laz/index.ts';

/** Zeros behind a chunk: laz-perf is told no length, and reads on where its input is damaged. */
const MARGIN = 1 << 16;

let library: Promise<LazPerf> | null = null;

/** Its process-wide handlers for uncaught exceptions and rejections are taken off again. */
async function load(): Promise<LazPerf> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.rawListeners(event)));
  const loaded = await createLazPerf();
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event))
      if (!before[index]!.has(listener)) process.removeListener(event, listener as () => void);
  }
  return loaded;
}

/** The records of a chunk of `count` points, one after the other, as an uncompressed file has them. */
export async function referenceRecords(
  chunk: Uint8Array,
  count: number,
  { pointFormat, recordBytes }: PointRecords,
): Promise<DataView> {
  library ??= load();
  const lazPerf = await library;
  const input = lazPerf._malloc(chunk.length + MARGIN);
  const records = lazPerf._malloc(count * recordBytes);
  lazPerf.HEAPU8.set(chunk, input);
  lazPerf.HEAPU8.fill(0, input + chunk.length, input + chunk.length + MARGIN);
  const decoder = new lazPerf.ChunkDecoder();
  decoder.open(pointFormat, recordBytes, input);
  for (let i = 0; i < count; i++) decoder.getPoint(records + i * recordBytes);
  const copy = lazPerf.HEAPU8.slice(records, records + count * recordBytes);
  decoder.delete();
  lazPerf._free(records);
  lazPerf._free(input);
  return new DataView(copy.buffer);
}
