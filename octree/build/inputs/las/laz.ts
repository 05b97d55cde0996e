/**
 * Reads the points of a LAZ file chunk by chunk. In memory are one compressed chunk and one batch of points.
 */
import {
  ChunkDecoder,
  type ChunkPlace,
  KEPT_EXTRA_BYTES,
  type LasHeader,
  type LaszipRecord,
  RECORD_BYTES,
  readChunkTable,
} from '../../../laz/index.ts';
import { InputFile } from '../input-file.ts';
import { BATCH_POINTS, badInput, type OwnBatch, PointBatch, type PointReadOptions } from '../point-input.ts';
import { type ExtraDimensions, extraReader } from './extra-bytes.ts';
import { lasAttributes, lazPuts } from './las-attributes.ts';
import { type LasInput, named } from './las-header.ts';

export async function* readLazPoints(
  path: string,
  { header, laszip, extra }: Pick<LasInput, 'header' | 'extra'> & { readonly laszip: LaszipRecord },
  { signal, warn, attributes = false }: PointReadOptions,
): AsyncGenerator<PointBatch> {
  const file = await InputFile.open(path);
  try {
    const read = (at: number, length: number) => file.read(at, length);
    const chunks = await named(path, () => readChunkTable(read, file.size, header, laszip));
    const outside = new OutsideBounds(header);
    const reader = new ChunkReader({ ...header, itemVersion: laszip.itemVersion }, attributes ? extra : null);
    for (const [index, chunk] of chunks.entries()) {
      const bytes = await file.read(chunk.at, chunk.bytes);
      const name = `chunk ${index} (byte ${chunk.at})`;
      for (const batch of reader.read(bytes, chunk, `${path}: ${name}`)) {
        signal?.throwIfAborted();
        outside.count(batch);
        yield batch;
      }
    }
    outside.report(warn);
  } finally {
    await file.close();
  }
}

class ChunkReader {
  readonly #header: LasHeader;
  /** Not shared: the builder may read other files while it holds a batch. */
  readonly #decoder = new ChunkDecoder();
  readonly #batch: OwnBatch;
  readonly #hasAttributes: boolean;
  readonly #puts: ReturnType<typeof lazPuts>;
  readonly #extra: readonly ReturnType<typeof extraReader>[];
  readonly #extraBytes: number;

  /** `extra`: null if no attributes are wanted. */
  constructor(header: LasHeader, extra: ExtraDimensions | null) {
    this.#header = header;
    this.#hasAttributes = extra !== null;
    this.#puts = extra === null ? [] : lazPuts(lasAttributes(header));
    this.#extra = extra === null ? [] : extra.dimensions.map(extraReader);
    this.#extraBytes = Math.min(header.recordBytes - RECORD_BYTES[header.pointFormat], KEPT_EXTRA_BYTES);
    this.#batch = PointBatch.allocate(BATCH_POINTS, true, this.#puts.length + this.#extra.length);
  }

  /** The next batch reuses the memory of this one. */
  *read(bytes: Uint8Array, { points }: ChunkPlace, name: string): Generator<PointBatch> {
    const batch = this.#batch;
    damage(name, () =>
      this.#decoder.begin(bytes, points, this.#header, {
        intensity: true,
        classification: this.#hasAttributes,
        colour: this.#hasAttributes,
        others: this.#hasAttributes,
      }),
    );
    for (let done = 0; done < points; done += batch.count) {
      this.#fill(Math.min(BATCH_POINTS, points - done), name);
      // Checks the end of the chunk before its last points are returned.
      if (done + batch.count === points) damage(name, () => this.#decoder.finish());
      yield batch;
    }
  }

  #fill(count: number, name: string): void {
    const batch = this.#batch;
    const intensities = batch.intensity!;
    const [scaleX, scaleY, scaleZ] = this.#header.scale;
    const [offsetX, offsetY, offsetZ] = this.#header.offset;
    batch.count = 0;
    while (batch.count < count) {
      const { count: at } = batch;
      const points = Math.min(this.#decoder.batchPoints, count - at);
      const decoded = damage(name, () => this.#decoder.next(points));
      const { x, y, z, intensity, extra } = decoded;
      for (let i = 0; i < points; i++) {
        batch.x[at + i] = x[i]! * scaleX + offsetX;
        batch.y[at + i] = y[i]! * scaleY + offsetY;
        batch.z[at + i] = z[i]! * scaleZ + offsetZ;
        intensities[at + i] = intensity[i]!;
      }
      for (const [column, put] of this.#puts.entries()) put(decoded, points, batch.attributes[column]!, at);
      const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
      for (const [column, read] of this.#extra.entries())
        read(view, this.#extraBytes, points, batch.attributes[this.#puts.length + column]!, at);
      batch.count += points;
    }
  }
}

/** A chunk cannot tell whether it is damaged or the header counts wrongly. */
const WAY_OUT =
  'if the file is whole, its header counts other points than there are: correct it (lasinfo -repair) or write it anew (pdal translate)';

function damage<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'cannot be decompressed';
    throw badInput(name, `${what}; ${WAY_OUT}`, cause);
  }
}

/**
 * Counts the points outside of the bounds in the header. Many programs write wrong bounds (0, or the values
 * before an edit), so such points are not refused. But some damaged data decode without an error to points
 * that lie anywhere, so the owner gets a warning.
 */
class OutsideBounds {
  readonly #low: readonly number[];
  readonly #high: readonly number[];
  #points = 0;
  #all = 0;

  /** Bounds have a tolerance of one step of the scale. */
  constructor({ min, max, scale }: LasHeader) {
    this.#low = min.map((value, axis) => value - Math.abs(scale[axis]!));
    this.#high = max.map((value, axis) => value + Math.abs(scale[axis]!));
  }

  count(batch: PointBatch): void {
    const [lowX, lowY, lowZ] = this.#low as [number, number, number];
    const [highX, highY, highZ] = this.#high as [number, number, number];
    for (let i = 0; i < batch.count; i++) {
      const x = batch.x[i]!;
      const y = batch.y[i]!;
      const z = batch.z[i]!;
      if (x >= lowX && x <= highX && y >= lowY && y <= highY && z >= lowZ && z <= highZ) continue;
      this.#points++;
    }
    this.#all += batch.count;
  }

  report(warn: PointReadOptions['warn']): void {
    if (this.#points === 0) return;
    warn?.(
      `${this.#points} of ${this.#all} points lie outside of the bounds in its header, which are not used: the header is out of date, or the file is damaged`,
    );
  }
}
