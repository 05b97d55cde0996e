/** Vertices of a binary PLY file that have lists among their properties. */

import type { PlyElement } from '../../../ply/header/index.ts';
import { InputFile } from '../input-file.ts';
import { BATCH_POINTS, PointBatch, type PointReadOptions } from '../point-input.ts';
import { ForwardReader, propertyReader, skipList } from './ply-lists.ts';
import type { PlyPointProperties } from './ply-points.ts';

export async function* readListedPoints(
  path: string,
  vertex: PlyElement,
  { x, y, z, intensity, others }: PlyPointProperties,
  { start, littleEndian }: { readonly start: number; readonly littleEndian: boolean },
  { signal, attributes = false }: PointReadOptions = {},
): AsyncGenerator<PointBatch> {
  const capacity = Math.min(BATCH_POINTS, Math.max(vertex.count, 1));
  const batch = PointBatch.allocate(capacity, intensity !== null, attributes ? others.length : 0);
  const readers = vertex.properties.map((property) => propertyReader(property, littleEndian));
  const values = new Float64Array(readers.length);
  const file = await InputFile.open(path);
  try {
    const reader = new ForwardReader(file, start);
    for (let vertexIndex = 0; vertexIndex < vertex.count; vertexIndex++) {
      for (const [index, { bytes, read, listBytes }] of readers.entries()) {
        if (!reader.has(bytes)) await reader.fill(bytes);
        values[index] = reader.take(read, bytes);
        if (listBytes > 0) skipList(reader, values[index]!, listBytes, path);
      }
      const at = batch.count++;
      batch.x[at] = values[x]!;
      batch.y[at] = values[y]!;
      batch.z[at] = values[z]!;
      if (intensity !== null && batch.intensity !== null) batch.intensity[at] = values[intensity]!;
      for (let i = 0; i < batch.attributes.length; i++) batch.attributes[i]![at] = values[others[i]!]!;
      if (batch.count === batch.x.length) {
        signal?.throwIfAborted();
        yield batch;
        batch.count = 0;
      }
    }
  } finally {
    await file.close();
  }
  if (batch.count > 0) yield batch;
}
