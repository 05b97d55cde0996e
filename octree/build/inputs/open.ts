/** Opens an input of any format. */

import { openFeather, openPandas } from './columns/index.ts';
import { openE57 } from './e57/index.ts';
import { openRawFloats } from './floats/index.ts';
import { floatsOf, guessFormat, type InputFormat } from './format.ts';
import { openLas } from './las/index.ts';
import { openMcap } from './mcap/index.ts';
import { openNpy } from './npy/index.ts';
import { openPcd } from './pcd/index.ts';
import { openPly } from './ply/index.ts';
import type { PointInput } from './point-input.ts';
import { openXyz } from './text/index.ts';

export interface InputOptions {
  /** Whether the caller stated the format. Default: true if `format` is given. */
  readonly isStated?: boolean;
  /** Selects one cloud of a file with several. */
  readonly part?: string | undefined;
}

/**
 * Reads and checks the header. `format` overrides the format by the file's name. A format that was only
 * guessed is compared with the content if the file does not state it.
 */
export function openInput(
  path: string,
  format: InputFormat | undefined = undefined,
  { isStated = format !== undefined, part }: InputOptions = {},
): Promise<PointInput> {
  const used = format ?? guessFormat(path);
  switch (used) {
    case 'kitti':
      return openRawFloats(path, { floats: 4, isStated });
    case 'nuscenes':
      return openRawFloats(path, { floats: 5, isStated });
    case 'pcd':
      return openPcd(path);
    case 'ply':
      return openPly(path);
    case 'las':
    case 'laz':
      return openLas(path);
    case 'npy':
      return openNpy(path);
    case 'xyz':
      return openXyz(path);
    case 'feather':
      return openFeather(path);
    case 'e57':
      return openE57(path);
    case 'mcap':
      return openMcap(path, part);
    case 'pandas':
      return openPandas(path);
    default:
      return openRawFloats(path, { floats: floatsOf(used)!, isStated });
  }
}
