/**
 * What a file said of a frame or an object, kept beside the label: an export into the same format begins with
 * it, and writes over what has changed. So nothing that the page does not know is lost.
 */
import type { Box } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';
import type { Kept } from '../exchange/index.ts';
import { className, isRecord, readBox, readTilt, sameJson, type Tilt } from '../model/index.ts';

export type LabelFormat = 'kitti' | 'nuscenes' | 'openlabel' | 'pandaset' | 'supervisely' | 'json';

/** Of an object: the entry as the file has it, and what the page made of it. `kind` is the class's name. */
export function keptObject(format: LabelFormat, raw: unknown, box: Box, kind: string, tilt?: Tilt): Kept {
  return { imported: { format, raw, box, class: kind, ...(tilt === undefined ? {} : { tilt }) } };
}

/** Of a frame: `raw` is what the file has for the frame, `file` what it has for all frames. */
export function keptFrame(format: LabelFormat, raw: unknown, file: unknown = null): Kept {
  return { imported: { format, raw, ...(file === null ? {} : { file }) } };
}

export interface ImportedObject {
  readonly raw: Record<string, unknown>;
  readonly isSameBox: boolean;
  readonly isSameClass: boolean;
}

/** The entry that a label began with, if it came from this format. */
export function importedObject(
  format: LabelFormat,
  {
    kept,
    box,
    tilt,
    ...label
  }: {
    readonly kept?: Kept | undefined;
    readonly box: Box;
    readonly tilt?: Tilt | undefined;
    readonly class: ObjectClass;
    readonly ownClass?: string | undefined;
  },
): ImportedObject | null {
  const found = kept?.imported;
  if (!isRecord(found) || found.format !== format || !isRecord(found.raw)) return null;
  return {
    raw: found.raw,
    isSameBox: sameJson(readBox(found.box), box) && sameJson(readTilt(found.tilt), tilt),
    isSameClass: found.class === className(label),
  };
}

export function importedFrame(
  format: LabelFormat,
  kept: Kept | undefined,
): { readonly raw: Record<string, unknown>; readonly file: Record<string, unknown> | null } | null {
  const found = kept?.imported;
  if (!isRecord(found) || found.format !== format || !isRecord(found.raw)) return null;
  return { raw: found.raw, file: isRecord(found.file) ? found.file : null };
}

/** What the file had for the frame, whatever its format. */
export function rawOf(kept: Kept | undefined): Record<string, unknown> | null {
  const found = kept?.imported;
  return isRecord(found) && isRecord(found.raw) ? found.raw : null;
}
