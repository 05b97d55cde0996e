/** Whether the LAZ files of an EPT have colours, by the root node's file: all nodes come from one writer. */

import { Key } from '../../geometry/index.ts';
import { HAS_COLOUR, LAS_HEAD_BYTES } from '../../laz/index.ts';
import type { OpenOptions } from '../format.ts';
import { eptDataPath } from './schema.ts';

const POINT_FORMAT_AT = 104;
/** Compressors mark the format by its two highest bits. */
const POINT_FORMAT_BITS = 0x3f;

/** True as well if the file's head cannot be read: whoever reads the node is told what is wrong with it. */
export async function lazHasColour(
  { source, base }: Pick<OpenOptions, 'source' | 'base'>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const path = base + eptDataPath(Key.format(Key.root), 'laszip');
  try {
    const head = await source.read(path, { signal, range: { offset: 0, length: LAS_HEAD_BYTES } });
    const format = head?.bytes[POINT_FORMAT_AT];
    return format === undefined || HAS_COLOUR.has(format & POINT_FORMAT_BITS);
  } catch {
    signal?.throwIfAborted();
    return true;
  }
}
