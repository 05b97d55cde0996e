/**
 * Positions and sizes of the chunks of a LAZ file. Source: LASzip (laszipper / lasreadpoint). The points
 * begin with the 64-bit position of the chunk table, or with -1 if that position is in the last 8 bytes of
 * the file. The table has a version, a count, and for each chunk its points (only if they vary) and its
 * bytes, compressed.
 */
import { withChunkDecoder } from './chunk-decoder.ts';
import type { LasHeader } from './las-header.ts';
import type { LaszipRecord } from './laszip-record.ts';

/** The position of a chunk in its file. */
export interface ChunkPlace {
  readonly at: number;
  readonly bytes: number;
  readonly points: number;
}

/** Reads `length` bytes of the file from `at`. The range lies within the file. */
export type ReadBytes = (at: number, length: number) => Uint8Array | Promise<Uint8Array>;

const TABLE_PLACE_BYTES = 8;
const TABLE_HEADER_BYTES = 8;
/** Upper bound for the bytes of one entry of the table. */
const MOST_ENTRY_BYTES = 16;
/**
 * A larger chunk would not fit into the memory of the decoder. COPC files and LASzip defaults stay far below.
 */
const MOST_CHUNK_BYTES = 512 * 1024 * 1024;

/**
 * The chunks in order. Checks that they follow each other within the file and hold as many points as the
 * header says. Throws an Error whose text continues the name of the file.
 */
export async function readChunkTable(
  read: ReadBytes,
  fileBytes: number,
  header: LasHeader,
  { chunkPoints }: LaszipRecord,
): Promise<ChunkPlace[]> {
  const { pointsAt, recordBytes, count } = header;
  if (count === 0) return [];
  const first = pointsAt + TABLE_PLACE_BYTES;
  if (first > fileBytes) throw new Error('is cut off: it ends where its points begin');
  const tableAt = await placeOfTable(read, fileBytes, pointsAt);
  if (tableAt < first || tableAt + TABLE_HEADER_BYTES > fileBytes)
    throw new Error(`is cut off: its chunk table is said to be at byte ${tableAt} of ${fileBytes}`);
  const head = viewOf(await read(tableAt, TABLE_HEADER_BYTES));
  const [version, chunks] = [head.getUint32(0, true), head.getUint32(4, true)];
  if (version !== 0) throw new Error(`its chunk table has version ${version}, not 0`);
  if (chunks > (tableAt - first) / recordBytes)
    throw new Error(
      `its chunk table lists ${chunks} chunks, too many for ${tableAt - first} bytes of points`,
    );
  const rowsAt = tableAt + TABLE_HEADER_BYTES;
  const rows = await read(rowsAt, Math.min(fileBytes - rowsAt, chunks * MOST_ENTRY_BYTES + 64));
  const sizes = decodeSizes(rows, chunks, chunkPoints === null);
  return placeChunks(sizes, { at: first, end: tableAt }, header, chunkPoints);
}

type ChunkSize = readonly [points: number, bytes: number];

/** The points (0 if they do not vary) and bytes of each chunk. */
function decodeSizes(rows: Uint8Array, chunks: number, varies: boolean): ChunkSize[] {
  try {
    return withChunkDecoder((decoder) => {
      const sizes: ChunkSize[] = [];
      decoder.beginTable(rows, varies);
      while (sizes.length < chunks) {
        const count = Math.min(decoder.batchPoints, chunks - sizes.length);
        const { x, y } = decoder.next(count);
        for (let i = 0; i < count; i++) sizes.push([varies ? x[i]! >>> 0 : 0, y[i]! >>> 0]);
      }
      return sizes;
    });
  } catch (cause) {
    throw new Error('its chunk table is damaged or cut off', { cause });
  }
}

function placeChunks(
  sizes: readonly ChunkSize[],
  { at, end }: { readonly at: number; readonly end: number },
  { recordBytes, count }: LasHeader,
  chunkPoints: number | null,
): ChunkPlace[] {
  const result: ChunkPlace[] = [];
  let left = count;
  let from = at;
  for (const [index, [listed, bytes]] of sizes.entries()) {
    const points = chunkPoints === null ? listed : Math.min(chunkPoints, left);
    if (bytes < recordBytes || from + bytes > end || points === 0 || points > left)
      throw new Error(`its chunk table is damaged: chunk ${index} has ${points} points in ${bytes} bytes`);
    if (bytes > MOST_CHUNK_BYTES)
      throw new Error(`chunk ${index} has ${bytes} bytes: at most ${MOST_CHUNK_BYTES} are read`);
    result.push({ at: from, bytes, points });
    from += bytes;
    left -= points;
  }
  if (left !== 0) throw new Error(`its chunks hold ${count - left} points, its header promises ${count}`);
  return result;
}

async function placeOfTable(read: ReadBytes, fileBytes: number, pointsAt: number): Promise<number> {
  const number = async (at: number) => Number(viewOf(await read(at, TABLE_PLACE_BYTES)).getBigInt64(0, true));
  const place = await number(pointsAt);
  return place === -1 ? number(fileBytes - TABLE_PLACE_BYTES) : place;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
