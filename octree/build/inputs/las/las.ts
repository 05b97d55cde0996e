/** LAS and LAZ have one reader, because the header tells which one a file is. */
import { type InputAttribute, knownDimensions } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';
import type { PointInput } from '../point-input.ts';
import { readRecords } from '../records/index.ts';
import { lasAttributes, unreadBytes } from './las-attributes.ts';
import { lasRecordLayout, readLasInput } from './las-header.ts';
import { readLazPoints } from './laz.ts';

export async function openLas(path: string): Promise<PointInput> {
  const input = await InputFile.use(path, readLasInput);
  const { header, laszip, wkt, isGeographic, extra } = input;
  const { count, pointsAt } = header;
  const known = lasAttributes(header).map(
    ({ name, type }): InputAttribute => ({ name, type, isKnown: true }),
  );
  return knownDimensions({
    path,
    count,
    intensity: 'uint16',
    attributes: [...known, ...extra.dimensions.map(({ name, type }) => ({ name, type }))],
    ...(wkt !== null && { wkt }),
    isGeographic,
    unread: [...extra.unread, ...unreadBytes(header)],
    scale: header.scale,
    offset: header.offset,
    batches: (options = {}) =>
      laszip === null
        ? readRecords(path, lasRecordLayout(header, extra), { start: pointsAt, count }, options)
        : readLazPoints(path, { header, laszip, extra }, options),
  });
}
