/** For tests: a scanner of 64 beams on a flat or sloped ground among vehicles put together from blocks. */
import { mulberry32 } from '../../../cache/foundation/index.ts';
import type { Box, Vec3 } from '../../boxes/index.ts';

export interface SyntheticScene {
  /** Blocks that stop light: bodies, cabins, walls. */
  readonly blocks: readonly Box[];
  /** Height of the ground at x, y; default 0. */
  readonly ground?: { readonly a: number; readonly b: number; readonly c: number };
  /** Where the scanner stands. Default: 1.8 m over the origin. */
  readonly sensor?: Vec3;
  /** Standard deviation of the measured range, metres. Default 0.015. */
  readonly noise?: number;
  readonly seed?: number;
  /** Steps of azimuth over a full turn. Default 1800 (0.2 degrees). */
  readonly azimuths?: number;
}

/**
 * A car's body and cabin as blocks inside its box: bonnet in front, the cabin narrower. Wheels are left out:
 * light passes below.
 */
export function carBlocks(car: Box): Box[] {
  const [l, w, h] = car.size;
  const cos = Math.cos(car.yaw);
  const sin = Math.sin(car.yaw);
  const floor = car.center[2] - h / 2;
  const part = (along: number, length: number, width: number, low: number, high: number): Box => ({
    center: [car.center[0] + along * cos, car.center[1] + along * sin, floor + (low + high) / 2],
    size: [length, width, high - low],
    yaw: car.yaw,
  });
  return [part(0, l, w, 0.2, h * 0.58), part(-0.08 * l, 0.6 * l, 0.86 * w, h * 0.58, h)];
}

/** What the scanner sees: x, y, z interleaved. */
export function scan(scene: SyntheticScene): Float32Array {
  const { a, b, c } = scene.ground ?? { a: 0, b: 0, c: 0 };
  const sensor = scene.sensor ?? [0, 0, c + 1.8];
  const noise = scene.noise ?? 0.015;
  const random = mulberry32(scene.seed ?? 7);
  const azimuths = scene.azimuths ?? 1800;
  const out: number[] = [];
  for (let beam = 0; beam < 64; beam++) {
    const elevation = ((2 - (26.8 * beam) / 63) * Math.PI) / 180;
    for (let k = 0; k < azimuths; k++) {
      const azimuth = (2 * Math.PI * k) / azimuths;
      const way: Vec3 = [
        Math.cos(elevation) * Math.cos(azimuth),
        Math.cos(elevation) * Math.sin(azimuth),
        Math.sin(elevation),
      ];
      const falling = a * way[0] + b * way[1] - way[2];
      const over = sensor[2] - a * sensor[0] - b * sensor[1] - c;
      let range = falling > 1e-6 ? over / falling : Number.POSITIVE_INFINITY;
      for (const block of scene.blocks) range = Math.min(range, enters(block, sensor, way));
      if (range > 80) continue;
      const measured = range + noise * (random() + random() + random() - 1.5) * 2;
      out.push(sensor[0] + way[0] * measured, sensor[1] + way[1] * measured, sensor[2] + way[2] * measured);
    }
  }
  return Float32Array.from(out);
}

/** Distance along the ray at which it enters the block; Infinity if it misses. */
function enters(block: Box, from: Vec3, way: Vec3): number {
  const cos = Math.cos(block.yaw);
  const sin = Math.sin(block.yaw);
  const turned = (v: Vec3): Vec3 => [v[0] * cos + v[1] * sin, v[1] * cos - v[0] * sin, v[2]];
  const start = turned([from[0] - block.center[0], from[1] - block.center[1], from[2] - block.center[2]]);
  const step = turned(way);
  let first = 0;
  let last = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 3; k++) {
    const half = block.size[k]! / 2;
    const one = (-half - start[k]!) / step[k]!;
    const two = (half - start[k]!) / step[k]!;
    first = Math.max(first, Math.min(one, two));
    last = Math.min(last, Math.max(one, two));
  }
  return first < last ? first : Number.POSITIVE_INFINITY;
}
