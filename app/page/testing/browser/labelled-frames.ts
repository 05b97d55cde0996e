/**
 * Labelled frames (see `nearbox evaluate`) for tests, the bench and screenshots: what there is to click, and
 * where.
 */
import { readFile } from 'node:fs/promises';
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';

export interface LabelledObject extends Box {
  readonly id?: string;
  readonly class: string;
  readonly numPoints: number;
}

/** Objects of a frame (by its number in the file), those with the most points first. */
export async function labelledObjects(
  file: string,
  frame: number,
  { least = 1, kind = /./ }: { least?: number; kind?: RegExp } = {},
): Promise<LabelledObject[]> {
  const { frames } = JSON.parse(await readFile(file, 'utf8')) as { frames: { objects: LabelledObject[] }[] };
  return frames[frame]!.objects.filter((object) => kind.test(object.class) && object.numPoints >= least).sort(
    (a, b) => b.numPoints - a.numPoints,
  );
}

/** Where the line from above the scanner (at x = y = 0) to the middle of a box comes out of its surface. */
export function facingPlace({ center: [x, y, z], size: [length, width], yaw }: Box): Vec3 {
  const range = Math.hypot(x, y);
  const own = Math.atan2(y, x) - yaw;
  const depth = Math.min(length / 2 / Math.abs(Math.cos(own)), width / 2 / Math.abs(Math.sin(own)));
  const nearer = (range - depth) / range;
  return [x * nearer, y * nearer, z];
}
