/**
 * Writes a COPC file (copc.io, specification 1.0). A hierarchy of up to 2,047 nodes is stored at the front,
 * in the first 64 KiB that a reader fetches; a larger one is an extended record after the points. Chunks are
 * in depth-first order of families (the root, its children, then the same for each child), so that the nodes
 * of a click lie in few stretches.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { Key } from '../../../geometry/index.ts';
import { nodeSizeProblem } from '../../../hierarchy/index.ts';
import { encodeChunk, encodeChunkTable } from '../../../laz/index.ts';
import type { IngestedPoints } from '../../ingest/index.ts';
import { cubeBounds, type StepCube } from '../../layout/index.ts';
import { type BuildColumns, pointAt } from '../../points/index.ts';
import type { CloudRecord } from '../cloud-record.ts';
import type { CloudWriter } from '../cloud-writer.ts';
import { hierarchyPages } from '../hierarchy.ts';
import {
  extraBytesVlr,
  type LasLayout,
  lasHead,
  lasLayout,
  lasRecords,
  laszipVlr,
  MOST_VLR_BYTES,
  type VariableRecord,
  wktVlr,
} from '../las/index.ts';
import { COPC_FILE } from './copc-file.ts';

export interface CopcParts {
  readonly ingested: IngestedPoints;
  readonly cube: StepCube;
  readonly span: number;
  readonly record: CloudRecord;
}

interface WrittenChunk {
  readonly points: number;
  readonly bytes: number;
  /** Its place in the temporary file. */
  readonly from: number;
}

const ENTRY_BYTES = 32;
const INFO_BYTES = 160;
/** Extended records have a header of 60 bytes. */
const EVLR_HEADER_BYTES = 60;
/** Entries of a page, if the hierarchy has several pages. */
const PAGE_NODES = 2000;
const TABLE_PLACE_BYTES = 8;
const COPY_BYTES = 4 * 1024 * 1024;

export class CopcWriter implements CloudWriter {
  points = 0;
  readonly #parts: CopcParts;
  readonly #folder: string;
  readonly #layout: LasLayout;
  readonly #chunks = new Map<string, WrittenChunk>();
  readonly #byReturn = new Array<number>(15).fill(0);
  #time: [number, number] = [Infinity, -Infinity];
  #temporary: FileHandle | null = null;
  #written = 0;

  constructor(folder: string, parts: CopcParts) {
    this.#folder = folder;
    this.#parts = parts;
    const { attributes, intensityRange, intensity } = parts.ingested;
    this.#layout = lasLayout(attributes, intensityRange, intensity === 'uint16');
  }

  get nodes(): number {
    return this.#chunks.size;
  }

  async write(key: Key, columns: BuildColumns, points: Uint32Array): Promise<string | null> {
    const { recordBytes, format } = this.#layout;
    const records = lasRecords(columns, points, this.#layout);
    const chunk = encodeChunk(records, recordBytes, format);
    this.#temporary ??= await open(path.join(this.#folder, 'chunks.tmp'), 'wx+');
    await this.#temporary.write(chunk, 0, chunk.byteLength, this.#written);
    this.#chunks.set(Key.format(key), {
      points: points.length,
      bytes: chunk.byteLength,
      from: this.#written,
    });
    this.#written += chunk.byteLength;
    this.points += points.length;
    this.#count(columns, points);
    const size = { points: points.length, stored: chunk.byteLength, unpacked: records.byteLength };
    return nodeSizeProblem({ ...size, packing: 'piecewise' });
  }

  async finish(): Promise<{ readonly bytes: number }> {
    const order = chunkOrder(new Set(this.#chunks.keys()));
    const chunks = order.map((name) => this.#chunks.get(name)!);
    const isSmall = order.length * ENTRY_BYTES <= MOST_VLR_BYTES;
    const file = await open(path.join(this.#folder, COPC_FILE), 'wx');
    try {
      // Sizes first: they determine where the points begin.
      const pointsAt = lasHead(this.#head(new Uint8Array(INFO_BYTES), isSmall ? order.length : 0)).byteLength;
      const places = new Map<string, number>();
      let at = pointsAt + TABLE_PLACE_BYTES;
      for (const [index, name] of order.entries()) {
        places.set(name, at);
        at += chunks[index]!.bytes;
      }
      const tableAt = at;
      const table = encodeChunkTable(chunks);
      // The last record before the points.
      const hierarchyAt = isSmall
        ? pointsAt - order.length * ENTRY_BYTES
        : tableAt + table.byteLength + EVLR_HEADER_BYTES;
      const { bytes: hierarchy, rootBytes } = this.#hierarchy(places, hierarchyAt, isSmall);
      const info = this.#info(hierarchyAt, rootBytes);
      const head = this.#head(info, isSmall ? hierarchy : 0, isSmall ? null : tableAt + table.byteLength);
      const place = Buffer.alloc(TABLE_PLACE_BYTES);
      place.writeBigInt64LE(BigInt(tableAt));
      await file.write(Buffer.concat([lasHead(head), place]), 0, undefined, 0);
      await this.#copy(file, order, places);
      await file.write(table, 0, table.byteLength, tableAt);
      let bytes = tableAt + table.byteLength;
      if (!isSmall) {
        const extended = Buffer.concat([evlrHead(hierarchy.byteLength), hierarchy]);
        await file.write(extended, 0, extended.byteLength, bytes);
        bytes += extended.byteLength;
      }
      return { bytes };
    } finally {
      await file.close();
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    const temporary = this.#temporary;
    this.#temporary = null;
    if (temporary === null) return;
    await temporary.close();
    await rm(path.join(this.#folder, 'chunks.tmp'), { force: true });
  }

  #count({ attributes }: BuildColumns, points: Uint32Array): void {
    const { returnNumber, gpsTime } = this.#layout;
    if (returnNumber === null) this.#byReturn[0]! += points.length;
    else
      for (const point of points) {
        const number = attributes[returnNumber]![point]!;
        if (number >= 1 && number <= 15) this.#byReturn[number - 1]! += 1;
      }
    if (gpsTime === null) return;
    for (const point of points) {
      const time = attributes[gpsTime]![point]!;
      this.#time = [Math.min(this.#time[0], time), Math.max(this.#time[1], time)];
    }
  }

  /** The records in order; the second one is a hierarchy with so many nodes, or with these bytes. */
  #head(info: Uint8Array, hierarchy: number | Uint8Array, extendedAt: number | null = null) {
    const { ingested, record } = this.#parts;
    const { steps, extent } = ingested;
    const pages = typeof hierarchy === 'number' ? new Uint8Array(hierarchy * ENTRY_BYTES) : hierarchy;
    const copc = (recordId: number, description: string, data: Uint8Array): VariableRecord => ({
      userId: 'copc',
      recordId,
      description,
      data,
    });
    const own = Buffer.from(JSON.stringify(record), 'utf8');
    return {
      layout: this.#layout,
      points: this.points,
      byReturn: this.#byReturn,
      scale: steps.scale,
      offset: steps.offset,
      min: pointAt(steps, extent.min),
      max: pointAt(steps, extent.max),
      ...(extendedAt === null ? {} : { extendedAt, extended: 1 }),
      records: [
        copc(1, 'COPC info VLR', info),
        { userId: 'nearbox', recordId: 1, description: 'sensor, pose, time, source', data: own },
        laszipVlr(this.#layout, null),
        ...extraBytesVlr(this.#layout),
        ...wktVlr(ingested.wkt),
        ...(pages.byteLength === 0 ? [] : [copc(1000, 'COPC hierarchy', pages)]),
      ],
    };
  }

  #info(hierarchyAt: number, rootBytes: number): Uint8Array {
    const { cube, ingested, span } = this.#parts;
    const { min, max } = cubeBounds(cube, ingested.steps);
    const half = (max[0] - min[0]) / 2;
    const info = Buffer.alloc(INFO_BYTES);
    for (let axis = 0; axis < 3; axis++) info.writeDoubleLE(min[axis]! + half, 8 * axis);
    info.writeDoubleLE(half, 24);
    info.writeDoubleLE((2 * half) / span, 32);
    info.writeBigUInt64LE(BigInt(hierarchyAt), 40);
    info.writeBigUInt64LE(BigInt(rootBytes), 48);
    const [first, last] = this.#time;
    info.writeDoubleLE(Number.isFinite(first) ? first : 0, 56);
    info.writeDoubleLE(Number.isFinite(last) ? last : 0, 64);
    return info;
  }

  /** All pages one after the other, the root's page first. */
  #hierarchy(
    places: ReadonlyMap<string, number>,
    at: number,
    isOnePage: boolean,
  ): { readonly bytes: Uint8Array; readonly rootBytes: number } {
    const counts = new Map([...this.#chunks].map(([name, { points }]) => [name, points]));
    const pages = hierarchyPages(counts, isOnePage ? Infinity : PAGE_NODES);
    const starts = new Map<string, { readonly at: number; readonly bytes: number }>();
    let end = at;
    for (const { root, entries } of pages) {
      const bytes = Object.keys(entries).length * ENTRY_BYTES;
      starts.set(root, { at: end, bytes });
      end += bytes;
    }
    const view = Buffer.alloc(end - at);
    let row = 0;
    for (const { entries } of pages) {
      for (const [name, points] of Object.entries(entries)) {
        const key = Key.parse(name)!;
        const target =
          points === -1 ? starts.get(name)! : { at: places.get(name)!, bytes: this.#chunks.get(name)!.bytes };
        for (const [index, part] of [key.depth, key.x, key.y, key.z].entries())
          view.writeInt32LE(part, row + 4 * index);
        view.writeBigUInt64LE(BigInt(target.at), row + 16);
        view.writeInt32LE(target.bytes, row + 24);
        view.writeInt32LE(points, row + 28);
        row += ENTRY_BYTES;
      }
    }
    return { bytes: view, rootBytes: starts.get(pages[0]!.root)!.bytes };
  }

  async #copy(
    file: FileHandle,
    order: readonly string[],
    places: ReadonlyMap<string, number>,
  ): Promise<void> {
    const buffer = new Uint8Array(COPY_BYTES);
    for (const name of order) {
      const { from, bytes } = this.#chunks.get(name)!;
      for (let done = 0; done < bytes; ) {
        const length = Math.min(COPY_BYTES, bytes - done);
        const { bytesRead } = await this.#temporary!.read(buffer, 0, length, from + done);
        if (bytesRead === 0) throw new Error(`a temporary file ends early, at byte ${from + done}`);
        await file.write(buffer, 0, bytesRead, places.get(name)! + done);
        done += bytesRead;
      }
    }
  }
}

/** The order of the chunks: root, its children, then the same for each child. */
function chunkOrder(nodes: ReadonlySet<string>): string[] {
  const order = [Key.format(Key.root)];
  const visit = (key: Key) => {
    const children = Array.from({ length: 8 }, (_, child) => Key.child(key, child)).filter((child) =>
      nodes.has(Key.format(child)),
    );
    order.push(...children.map(Key.format));
    for (const child of children) visit(child);
  };
  visit(Key.root);
  return order;
}

function evlrHead(bytes: number): Buffer {
  const head = Buffer.alloc(EVLR_HEADER_BYTES);
  head.write('copc', 2, 16, 'latin1');
  head.writeUInt16LE(1000, 18);
  head.writeBigUInt64LE(BigInt(bytes), 20);
  head.write('COPC hierarchy', 28, 32, 'latin1');
  return head;
}
