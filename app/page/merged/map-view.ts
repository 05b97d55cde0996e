/** The merged points from above: where they are on the screen, and the picture of them. */
import type { Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import type { FrameInWorld } from './merged-points.ts';

export interface MapView {
  /** x, y of the world in the middle of the picture. */
  readonly middle: Vec2;
  readonly metresPerPixel: number;
  readonly width: number;
  readonly height: number;
}

export function toMap({ middle, metresPerPixel, width, height }: MapView, [x, y]: readonly number[]): Vec2 {
  return [width / 2 + (x! - middle[0]) / metresPerPixel, height / 2 - (y! - middle[1]) / metresPerPixel];
}

export function fromMap({ middle, metresPerPixel, width, height }: MapView, [x, y]: Vec2): Vec2 {
  return [middle[0] + (x - width / 2) * metresPerPixel, middle[1] + (height / 2 - y) * metresPerPixel];
}

/**
 * The picture, red green blue alpha: of the points on a pixel the highest one counts.
 * @param table 256 colours from `range`'s lower end to its upper one, four bytes each
 */
export function drawMap(
  view: MapView,
  frames: readonly FrameInWorld[],
  origin: Vec3,
  { table, range }: { readonly table: ArrayLike<number>; readonly range: Vec2 },
): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, metresPerPixel, middle } = view;
  const data = new Uint8ClampedArray(4 * width * height);
  const highest = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  const [left, top] = [
    width / 2 + (origin[0] - middle[0]) / metresPerPixel,
    height / 2 - (origin[1] - middle[1]) / metresPerPixel,
  ];
  const scale = 255 / Math.max(1e-6, range[1] - range[0]);
  for (const { xyz } of frames)
    for (let i = 0; i < xyz.length; i += 3) {
      const x = Math.floor(left + xyz[i]! / metresPerPixel);
      const y = Math.floor(top - xyz[i + 1]! / metresPerPixel);
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const at = y * width + x;
      const z = xyz[i + 2]!;
      if (z <= highest[at]!) continue;
      highest[at] = z;
      const colour = 4 * Math.max(0, Math.min(255, Math.floor((z + origin[2] - range[0]) * scale)));
      for (let k = 0; k < 3; k++) data[4 * at + k] = table[colour + k]!;
      data[4 * at + 3] = 255;
    }
  return data;
}
