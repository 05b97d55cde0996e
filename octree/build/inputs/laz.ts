/** The points of a LAZ file, chunk by chunk: memory holds one compressed chunk and one batch of its points. */
import { InputFile } from './input-file.ts';
import { type LazChunk, type LazHeader, readChunkTable } from './laz-chunks.ts';
import { checkLayers } from './laz-layers.ts';
import { giveLazPerfBack, type LazPerf, takeLazPerf } from './laz-perf.ts';
import { BATCH_POINTS, badInput, PointBatch } from './point-input.ts';
import { type DecodeRecords, type RecordLayout, recordDecoder } from './records.ts';

/** Bytes of decoded records that are held at once. */
const RECORDS_BYTES = 4 * 1024 * 1024;
/** Zeros behind a chunk: the decoder of point-wise records looks a few bytes ahead. */
const CHUNK_MARGIN = 64;

export async function* readLazPoints(
  path: string,
  header: LazHeader,
  layout: RecordLayout,
  signal?: AbortSignal,
): AsyncGenerator<PointBatch> {
  const file = await InputFile.open(path);
  try {
    const chunks = await readChunkTable(file, header);
    if (chunks.length === 0) return;
    const inBounds = boundsCheck(path, header);
    const lazPerf = await takeLazPerf();
    const decoder = new ChunkReader(lazPerf, header, layout);
    for (const [index, chunk] of chunks.entries()) {
      const bytes = await file.read(chunk.at, chunk.bytes);
      const name = `chunk ${index} (byte ${chunk.at})`;
      if (header.laszip.compressor === 3) checkLayers(bytes, chunk.points, header, `${path}: ${name}`);
      for (const batch of decoder.read(bytes, chunk, `${path}: ${name}`)) {
        signal?.throwIfAborted();
        inBounds(batch, name);
        yield batch;
      }
    }
    giveLazPerfBack(lazPerf);
  } finally {
    await file.close();
  }
}

class ChunkReader {
  readonly #lazPerf: LazPerf;
  readonly #header: LazHeader;
  readonly #perBatch: number;
  readonly #batch: PointBatch;
  readonly #decode: DecodeRecords;

  constructor(lazPerf: LazPerf, header: LazHeader, layout: RecordLayout) {
    this.#lazPerf = lazPerf;
    this.#header = header;
    this.#perBatch = Math.min(BATCH_POINTS, Math.floor(RECORDS_BYTES / header.recordBytes));
    this.#batch = PointBatch.allocate(this.#perBatch, true);
    this.#decode = recordDecoder(layout);
  }

  *read(bytes: Uint8Array, { points }: LazChunk, name: string): Generator<PointBatch> {
    const { pointFormat, recordBytes } = this.#header;
    const lazPerf = this.#lazPerf;
    const chunk = this.#allocate(bytes.length + CHUNK_MARGIN, name);
    const records = this.#allocate(this.#perBatch * recordBytes, name);
    lazPerf.HEAPU8.set(bytes, chunk);
    lazPerf.HEAPU8.fill(0, chunk + bytes.length, chunk + bytes.length + CHUNK_MARGIN);
    const decoder = new lazPerf.ChunkDecoder();
    guarded(name, () => decoder.open(pointFormat, recordBytes, chunk));
    for (let done = 0; done < points; done += this.#batch.count) {
      const count = Math.min(this.#perBatch, points - done);
      guarded(name, () => {
        for (let i = 0; i < count; i++) decoder.getPoint(records + i * recordBytes);
      });
      // The view is made anew: the memory is another one once it has grown.
      this.#decode(new DataView(lazPerf.HEAPU8.buffer, records, count * recordBytes), count, this.#batch);
      yield this.#batch;
    }
    decoder.delete();
    lazPerf._free(records);
    lazPerf._free(chunk);
  }

  #allocate(bytes: number, name: string): number {
    const pointer = guarded(name, () => this.#lazPerf._malloc(bytes));
    if (pointer === 0) throw badInput(name, `the decoder has no memory for ${bytes} bytes`);
    return pointer;
  }
}

/** laz-perf throws numbers (C++ exceptions) and WebAssembly traps. The instance is given up with the file. */
function guarded<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw badInput(name, 'is damaged: it cannot be decompressed', cause);
  }
}

/**
 * Damaged chunks decode without an error, to points that are anywhere. So the points of a LAZ file must lie within the bounds
 * of its header, to one step of its scale.
 */
function boundsCheck(
  path: string,
  { min, max, scale }: LazHeader,
): (batch: PointBatch, chunk: string) => void {
  const low = min.map((value, axis) => value - Math.abs(scale[axis]!));
  const high = max.map((value, axis) => value + Math.abs(scale[axis]!));
  return (batch, chunk) => {
    for (let i = 0; i < batch.count; i++) {
      const x = batch.x[i]!;
      const y = batch.y[i]!;
      const z = batch.z[i]!;
      const inside =
        x >= low[0]! && x <= high[0]! && y >= low[1]! && y <= high[1]! && z >= low[2]! && z <= high[2]!;
      if (!inside) {
        throw badInput(
          path,
          `${chunk} is damaged, or the bounds in the header are wrong: a point at ${x}, ${y}, ${z} lies outside of them`,
        );
      }
    }
  };
}
