/** Writes node files, a few at a time, and counts their points for the hierarchy. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EPT_DATA_EXTENSION } from '../../../formats/index.ts';
import { Key } from '../../../geometry/index.ts';
import {
  FREE_EXPANSION_BYTES,
  MAX_EXPANSION,
  nodeSizeProblem,
  type StoredNodeSize,
} from '../../../hierarchy/index.ts';
import { zstdCompress } from '../../../zstd/index.ts';
import type { BuildColumns } from '../../points/index.ts';
import type { BuildEncoding } from '../build-encoding.ts';

export interface EncodedNode extends Pick<StoredNodeSize, 'packing' | 'unpacked'> {
  /** The bytes of its file. */
  readonly content: Uint8Array;
}

export type EncodeNode = (columns: BuildColumns, points: Uint32Array) => EncodedNode;

/**
 * The compression level: the smallest of the fast levels for points in the order of `nodeRecords` (measured:
 * docs/node-size.md).
 */
const COMPRESSION_LEVEL = 1;
/**
 * Readers refuse nodes that expand as hostile ones do. Copies of a point are compressed in pieces of this
 * size, and then expand less.
 */
const COPIES_BYTES = 8192;
/** Files that are written at the same time: memory stays small. */
const WRITES_AT_ONCE = 8;

export class NodeWriter {
  /** Points by node, in the order of writing. */
  readonly counts = new Map<string, number>();
  /** Bytes of all node files. */
  bytes = 0;
  /** Points written. */
  points = 0;
  readonly #folder: string;
  readonly #encoding: BuildEncoding;
  readonly #encode: EncodeNode;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly cause: unknown } | null = null;

  /** `folder` is the cloud's `ept-data`, which must exist. */
  constructor(folder: string, encoding: BuildEncoding, encode: EncodeNode) {
    this.#folder = folder;
    this.#encoding = encoding;
    this.#encode = encode;
  }

  /** Returns why readers would refuse the node; null if they take it. */
  async write(key: Key, columns: BuildColumns, points: Uint32Array): Promise<string | null> {
    const name = Key.format(key);
    const { content, ...size } = this.#encode(columns, points);
    this.counts.set(name, points.length);
    this.bytes += content.length;
    this.points += points.length;
    while (this.#running.size >= WRITES_AT_ONCE) await Promise.race(this.#running);
    this.#throwIfFailed();
    const file = path.join(this.#folder, `${name}.${EPT_DATA_EXTENSION[this.#encoding]}`);
    const writing: Promise<void> = writeFile(file, content, { flag: 'wx' })
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#running.delete(writing));
    this.#running.add(writing);
    return nodeSizeProblem({ ...size, points: points.length, stored: content.length });
  }

  /** Waits for running writes. Must also be called after a failure, before the folder is removed. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits for running writes and throws if one of them failed. */
  async finish(): Promise<void> {
    await this.settle();
    this.#throwIfFailed();
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.cause;
  }
}

/** Encodes nodes of zstandard. The same points give the same bytes. */
export function zstandardNode(records: Uint8Array): Pick<EncodedNode, 'content' | 'unpacked'> {
  const content = zstdCompress(records, COMPRESSION_LEVEL);
  const isHostile =
    records.length > FREE_EXPANSION_BYTES && 2 * records.length > content.length * MAX_EXPANSION;
  return { content: isHostile ? inPieces(records) : content, unpacked: records.length };
}

function inPieces(records: Uint8Array): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < records.length; at += COPIES_BYTES)
    frames.push(zstdCompress(records.subarray(at, at + COPIES_BYTES), COMPRESSION_LEVEL));
  return Buffer.concat(frames);
}
