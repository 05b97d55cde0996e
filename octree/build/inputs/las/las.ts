/** LAS and LAZ have one reader, because the header tells which one a file is. */
import { InputFile } from '../input-file.ts';
import type { PointInput } from '../point-input.ts';
import { readRecords } from '../records.ts';
import { lasAttributes, lazAttributes, lazUnread, unreadBytes } from './las-attributes.ts';
import { lasRecordLayout, readLasInput } from './las-header.ts';
import { readLazPoints } from './laz.ts';

export async function openLas(path: string): Promise<PointInput> {
  const { header, laszip, wkt } = await InputFile.use(path, readLasInput);
  const { count, pointsAt } = header;
  return {
    path,
    count,
    intensity: 'uint16',
    attributes: laszip === null ? lasAttributes(header) : lazAttributes(header),
    ...(wkt === null ? {} : { wkt, isGeographic: /^\s*GEO(G|D)/i.test(wkt) }),
    unread: [...(laszip === null ? [] : lazUnread(header)), ...unreadBytes(header)],
    scale: header.scale,
    offset: header.offset,
    batches: (options = {}) =>
      laszip === null
        ? readRecords(path, lasRecordLayout(header), { start: pointsAt, count }, options)
        : readLazPoints(path, { header, laszip }, options),
  };
}
