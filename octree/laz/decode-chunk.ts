/** Decodes complete chunks into columns. */
import { type WantedDimensions, withChunkDecoder } from './chunk-decoder.ts';
import { HAS_COLOUR, type PointRecords } from './point-format.ts';

/** A chunk of a LAZ file or of a COPC cloud. */
export interface Chunk {
  readonly bytes: Uint8Array;
  /** 1 or more. */
  readonly points: number;
}

/** The stored values of each point; null if not wanted, or not in the point format. */
export interface ChunkColumns {
  readonly x: Int32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
  readonly z: Int32Array<ArrayBuffer>;
  readonly intensity: Uint16Array<ArrayBuffer> | null;
  readonly classification: Uint8Array<ArrayBuffer> | null;
  /** Number of the return in the low four bits, number of returns in the high ones. */
  readonly returns: Uint8Array<ArrayBuffer> | null;
  /** Red, green, blue of each point. */
  readonly colour: Uint16Array<ArrayBuffer> | null;
}

export interface WantedColumns extends WantedDimensions {
  readonly returns?: boolean;
}

/** Decodes chunks one after the other into one set of columns. Throws an Error if a chunk is damaged. */
export function decodeChunks(
  chunks: readonly Chunk[],
  records: PointRecords,
  wanted: WantedColumns,
): ChunkColumns {
  const count = chunks.reduce((sum, { points }) => sum + points, 0);
  const hasColour = wanted.colour === true && HAS_COLOUR.has(records.pointFormat);
  const columns: ChunkColumns = {
    x: new Int32Array(count),
    y: new Int32Array(count),
    z: new Int32Array(count),
    intensity: wanted.intensity ? new Uint16Array(count) : null,
    classification: wanted.classification ? new Uint8Array(count) : null,
    returns: wanted.returns ? new Uint8Array(count) : null,
    colour: hasColour ? new Uint16Array(3 * count) : null,
  };
  let at = 0;
  for (const chunk of chunks) {
    decodeInto(columns, at, chunk, records, wanted);
    at += chunk.points;
  }
  return columns;
}

function decodeInto(
  columns: ChunkColumns,
  from: number,
  { bytes, points }: Chunk,
  records: PointRecords,
  wanted: WantedColumns,
): void {
  withChunkDecoder((decoder) => {
    decoder.begin(bytes, points, records, wanted);
    for (let done = 0; done < points; ) {
      const count = Math.min(decoder.batchPoints, points - done);
      const batch = decoder.next(count);
      const at = from + done;
      columns.x.set(batch.x.subarray(0, count), at);
      columns.y.set(batch.y.subarray(0, count), at);
      columns.z.set(batch.z.subarray(0, count), at);
      columns.intensity?.set(batch.intensity.subarray(0, count), at);
      columns.classification?.set(batch.classification.subarray(0, count), at);
      columns.returns?.set(batch.returns.subarray(0, count), at);
      columns.colour?.set(batch.colour.subarray(0, 3 * count), 3 * at);
      done += count;
    }
    decoder.finish();
  });
}
