/** LAS and LAZ: one reader, since the header tells them apart. */
import { InputFile } from './input-file.ts';
import { lasRecordLayout, readLasHeader } from './las-header.ts';
import { readLazPoints } from './laz.ts';
import type { PointInput } from './point-input.ts';
import { readRecords } from './records.ts';

export async function openLas(path: string): Promise<PointInput> {
  const header = await InputFile.use(path, readLasHeader);
  const { count, pointsAt, laszip } = header;
  const layout = lasRecordLayout(header);
  return {
    path,
    count,
    intensity: 'uint16',
    batches: (signal) =>
      laszip === null
        ? readRecords(path, layout, { start: pointsAt, count }, signal)
        : readLazPoints(path, { ...header, laszip }, layout, signal),
  };
}
