/**
 * Where the chunks of a LAZ file are and how many points each has. Source: LASzip's chunk table (laszipper / lasreadpoint): the points begin
 * with the table's place in the file, 64 bits, or -1 where it stands in the file's last 8 bytes; the table is a version,
 * a count, and for each chunk its points (only where they vary) and its bytes, compressed.
 */
import { IntegerDecoder } from './arithmetic-decoder.ts';
import type { InputFile } from './input-file.ts';
import type { LasHeader, LaszipRecord } from './las-header.ts';
import { badInput } from './point-input.ts';

export interface LazChunk {
  readonly at: number;
  readonly bytes: number;
  readonly points: number;
}

export type LazHeader = LasHeader & { readonly laszip: LaszipRecord };

const TABLE_PLACE_BYTES = 8;
const TABLE_HEADER_BYTES = 8;
/** A chunk begins with a whole record; the table never needs more than this for each of its entries. */
const MOST_ENTRY_BYTES = 16;
/** Beyond this a chunk would not fit into the decoder's memory: COPC files and LASzip's defaults stay far below. */
export const MOST_CHUNK_BYTES = 512 * 1024 * 1024;

/** The chunks in order. They are checked to lie in the file one after the other, and to have the header's points in all. */
export async function readChunkTable(file: InputFile, header: LazHeader): Promise<LazChunk[]> {
  const { path } = file;
  const { pointsAt, recordBytes, count } = header;
  if (count === 0) return [];
  const tableAt = await placeOfTable(file, header);
  const first = pointsAt + TABLE_PLACE_BYTES;
  if (tableAt < first || tableAt + TABLE_HEADER_BYTES > file.size) {
    throw badInput(path, `is cut off: its chunk table is said to be at byte ${tableAt} of ${file.size}`);
  }
  const head = await file.read(tableAt, TABLE_HEADER_BYTES);
  const [version, chunks] = new Uint32Array(head.buffer, head.byteOffset, 2);
  if (version !== 0) throw badInput(path, `its chunk table has version ${version}, not 0`);
  if (chunks! > (tableAt - first) / recordBytes) {
    throw badInput(
      path,
      `its chunk table lists ${chunks} chunks, too many for ${tableAt - first} bytes of points`,
    );
  }
  const tableBytes = Math.min(file.size - tableAt, TABLE_HEADER_BYTES + chunks! * MOST_ENTRY_BYTES + 64);
  const table = await file.read(tableAt, tableBytes);
  const sizes = decodeSizes(table, chunks!, path, header.laszip.chunkPoints === null);
  return collect(sizes, { at: first, end: tableAt }, header, path);
}

/** The points (0 where they do not vary) and bytes of each chunk. */
function decodeSizes(table: Uint8Array, chunks: number, path: string, varying: boolean): [number, number][] {
  try {
    const decoder = new IntegerDecoder(table, TABLE_HEADER_BYTES, 2);
    const sizes: [number, number][] = [];
    let [points, bytes] = [0, 0];
    for (let i = 0; i < chunks; i++) {
      if (varying) points = decoder.next(points, 0);
      bytes = decoder.next(bytes, 1);
      sizes.push([points, bytes]);
    }
    return sizes;
  } catch (cause) {
    throw badInput(path, 'its chunk table is damaged or cut off', cause);
  }
}

function collect(
  sizes: readonly (readonly [points: number, bytes: number])[],
  { at, end }: { readonly at: number; readonly end: number },
  { laszip, recordBytes, count }: LazHeader,
  path: string,
): LazChunk[] {
  const result: LazChunk[] = [];
  let left = count;
  let from = at;
  for (const [index, [listed, bytes]] of sizes.entries()) {
    const points = laszip.chunkPoints === null ? listed : Math.min(laszip.chunkPoints, left);
    if (bytes < recordBytes || from + bytes > end || points === 0 || points > left) {
      throw badInput(
        path,
        `its chunk table is damaged: chunk ${index} has ${points} points in ${bytes} bytes`,
      );
    }
    if (bytes > MOST_CHUNK_BYTES) {
      throw badInput(path, `chunk ${index} has ${bytes} bytes: at most ${MOST_CHUNK_BYTES} are read`);
    }
    result.push({ at: from, bytes, points });
    from += bytes;
    left -= points;
  }
  if (left !== 0)
    throw badInput(path, `its chunks hold ${count - left} points, its header promises ${count}`);
  return result;
}

async function placeOfTable(file: InputFile, { pointsAt }: LazHeader): Promise<number> {
  const read = async (at: number) => {
    const bytes = await file.read(at, TABLE_PLACE_BYTES);
    return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
  };
  const place = await read(pointsAt);
  return place === -1 ? await read(file.size - TABLE_PLACE_BYTES) : place;
}
