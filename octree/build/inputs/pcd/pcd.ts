/** PCD files in their three encodings. Fields of one value are read. */

import { intensityKind, NUMBER_BYTES, numberReader } from '../../points/index.ts';
import { intensityName, knownDimensions, storedType } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';

import {
  BATCH_POINTS,
  badInput,
  PointBatch,
  type PointInput,
  type PointReadOptions,
} from '../point-input.ts';
import { readRecords } from '../records/index.ts';
import { readTextPoints } from '../text/index.ts';
import { LZF_BEST_RATIO, lzfDecompress } from './lzf.ts';
import { type PcdField, type PcdHeader, readPcdHeader } from './pcd-header.ts';

interface PcdPoints {
  readonly x: PcdField;
  readonly y: PcdField;
  readonly z: PcdField;
  readonly intensity: PcdField | null;
  readonly others: readonly PcdField[];
}

export function openPcd(path: string): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const header = await readPcdHeader(file);
    const fields = pointFields(header, path);
    if (header.points === 0 && file.size > header.end + 1)
      throw badInput(
        path,
        `its header counts 0 points, though ${file.size - header.end} bytes follow it: correct the count`,
      );
    const warnings = header.data === 'binary' ? checkBinaryLength(file, header) : [];
    return knownDimensions({
      path,
      count: header.points,
      intensity: fields.intensity === null ? null : intensityKind(fields.intensity.type),
      attributes: fields.others.map((field) => (header.data === 'ascii' ? field : stored(field))),
      unread: header.fields.filter(({ count }) => count !== 1).map(({ name }) => name),
      warnings,
      batches: (options = {}) => readPoints(path, header, fields, options),
    });
  });
}

function pointFields({ fields }: PcdHeader, path: string): PcdPoints {
  const find = (name: string): PcdField | null => {
    const found = fields.filter((field) => field.name.toLowerCase() === name);
    if (found.length > 1) throw badInput(path, `field ${name} occurs ${found.length} times`);
    if (found[0] !== undefined && found[0].count !== 1) {
      throw badInput(path, `field ${name} has COUNT ${found[0].count}: write it as fields of COUNT 1`);
    }
    return found[0] ?? null;
  };
  const axis = (name: string): PcdField => {
    const field = find(name);
    if (field === null)
      throw badInput(
        path,
        `has no field ${name}; its fields: ${fields
          .map((f) => f.name)
          .join(' ')
          .slice(0, 200)}; x, y and z have to be fields of their own`,
      );
    return field;
  };
  const name = intensityName(fields.filter(({ count }) => count === 1).map((field) => field.name));
  const used = {
    x: axis('x'),
    y: axis('y'),
    z: axis('z'),
    intensity: name === null ? null : find(name.toLowerCase()),
  };
  const taken: (PcdField | null)[] = Object.values(used);
  return { ...used, others: fields.filter((field) => field.count === 1 && !taken.includes(field)) };
}

function stored(field: PcdField): PcdField {
  return { ...field, type: storedType(field) };
}

/**
 * Returns warnings. Bytes after the points are ignored, as by other readers: some writers pad their files.
 */
function checkBinaryLength({ path, size }: InputFile, { points, stride, end }: PcdHeader): string[] {
  const held = size - end;
  const needed = points * stride;
  if (held < needed) {
    throw badInput(
      path,
      `is cut off: ${points} points of ${stride} bytes need ${needed} bytes, ${held} follow its header`,
    );
  }
  if (held < needed + stride) return [];
  return [
    `its header promises ${points} points of ${stride} bytes; the ${held - needed} bytes behind them are left out`,
  ];
}

function readPoints(
  path: string,
  header: PcdHeader,
  { x, y, z, intensity, others }: PcdPoints,
  options: PointReadOptions,
): AsyncIterable<PointBatch> {
  const { points: count, stride, end } = header;
  switch (header.data) {
    case 'ascii': {
      const words = { x: x.word, y: y.word, z: z.word, intensity: intensity?.word ?? null };
      const attributes = others.map(({ word }) => word);
      const place = {
        start: end,
        firstLine: header.lines + 1,
        skip: 0,
        count,
        width: header.words,
        last: true,
      };
      return readTextPoints(path, { ...place, ...words, attributes }, options);
    }
    case 'binary':
      return readRecords(
        path,
        { stride, littleEndian: true, x, y, z, intensity, attributes: others.map(stored) },
        { start: end, count },
        options,
      );
    case 'binary_compressed':
      return readCompressed(path, header, { x, y, z, intensity, others: others.map(stored) }, options);
  }
}

/**
 * The compressed form holds all values of the first field, then all of the next, so it must be read as a
 * whole.
 */
async function* readCompressed(
  path: string,
  { points, stride, end }: PcdHeader,
  { x, y, z, intensity, others }: PcdPoints,
  { signal, attributes = false }: PointReadOptions,
): AsyncGenerator<PointBatch> {
  const columns = await InputFile.use(path, (file) => decompress(file, end, points * stride));
  const view = new DataView(columns.buffer, columns.byteOffset, columns.byteLength);
  const column = (field: PcdField) => ({
    start: field.at * points,
    step: NUMBER_BYTES[field.type],
    read: numberReader(field.type, true),
  });
  const axes = [column(x), column(y), column(z)] as const;
  const intensities = intensity === null ? null : column(intensity);
  const more = attributes ? others.map(column) : [];
  const capacity = Math.min(BATCH_POINTS, Math.max(points, 1));
  const batch = PointBatch.allocate(capacity, intensities !== null, more.length);
  const targets = [batch.x, batch.y, batch.z, batch.intensity, ...batch.attributes] as const;
  for (let from = 0; from < points; from += batch.count) {
    signal?.throwIfAborted();
    batch.count = Math.min(batch.x.length, points - from);
    for (const [index, source] of [...axes, intensities, ...more].entries()) {
      const target = targets[index];
      if (source === null || target === null || target === undefined) continue;
      for (let i = 0; i < batch.count; i++)
        target[i] = source.read(view, source.start + (from + i) * source.step);
    }
    yield batch;
  }
}

const SIZES_BYTES = 8;
/** Larger files cannot be decompressed into one buffer on every supported Node. */
const MOST_BYTES = 2 ** 31;

async function decompress(file: InputFile, at: number, expected: number): Promise<Uint8Array> {
  const { path } = file;
  const sizes = await file.read(at, SIZES_BYTES);
  const view = new DataView(sizes.buffer, sizes.byteOffset);
  const [compressed, size] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (size !== expected) throw badInput(path, `its data has ${size} bytes, its points need ${expected}`);
  if (size > MOST_BYTES)
    throw badInput(path, `${size} bytes of compressed points are too many: split it, or use DATA binary`);
  if (at + SIZES_BYTES + compressed > file.size) {
    throw badInput(
      path,
      `is cut off: ${compressed} compressed bytes are promised at byte ${at + SIZES_BYTES}, it ends at ${file.size}`,
    );
  }
  if (size > compressed * LZF_BEST_RATIO)
    throw badInput(path, `${compressed} compressed bytes cannot hold ${size}`);
  const bytes = await file.read(at + SIZES_BYTES, compressed);
  try {
    return lzfDecompress(bytes, size);
  } catch (cause) {
    throw badInput(
      path,
      `${cause instanceof Error ? cause.message : String(cause)} (after its header)`,
      cause,
    );
  }
}
