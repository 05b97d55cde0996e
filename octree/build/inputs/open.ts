/** Opens an input of any format. */
import { guessFormat, type InputFormat } from './format.ts';
import { openLas } from './las.ts';
import { openPcd } from './pcd.ts';
import { openPly } from './ply.ts';
import type { PointInput } from './point-input.ts';
import { openKitti, openNuscenes } from './raw-floats.ts';

const READERS: Readonly<Record<InputFormat, (path: string) => Promise<PointInput>>> = {
  kitti: openKitti,
  nuscenes: openNuscenes,
  pcd: openPcd,
  ply: openPly,
  las: openLas,
  laz: openLas,
};

/** Reads and checks the header. `format` overrides what the file's name says. */
export function openInput(path: string, format: InputFormat = guessFormat(path)): Promise<PointInput> {
  return READERS[format](path);
}
