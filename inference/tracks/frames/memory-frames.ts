/** Frames whose points are in memory: for evaluation, the command line and tests. */
import type { Vec3 } from '../../boxes/index.ts';
import type { Crop } from '../../fit/index.ts';
import { answerAsk, type FitBox, sphereOf } from './answer-ask.ts';
import type { FitReply, FrameFits } from './frame-fits.ts';

export interface PointFrame {
  /** x, y, z, intensity interleaved. */
  readonly points: Float32Array;
  /** Place of the scanner; null: unknown. */
  readonly sensor: Vec3 | null;
}

const NO_COST = { nodes: 0, bytes: 0, memory: 0, disk: 0, origin: 0 };

/** @param load gives a frame by its index; if it throws, that frame fails */
export function memoryFrames(load: (frame: number) => Promise<PointFrame>, fit: FitBox): FrameFits {
  return {
    readAhead() {},
    async ask(frame, asks, signal) {
      const began = performance.now();
      const { points, sensor } = await load(frame);
      const read = performance.now();
      const replies: FitReply[] = [];
      const room = new Float32Array(points.length);
      for (const ask of asks) {
        signal.throwIfAborted();
        const { center, radius } = sphereOf(ask);
        replies.push(await answerAsk(cropOf(points, center, radius, room), ask, sensor, fit));
      }
      const timings = { readMs: read - began, fitMs: performance.now() - read };
      return { replies, version: 'memory', sensor, bounds: null, cost: NO_COST, timings };
    },
  };
}

/**
 * The points within `radius` metres of `origin`.
 * @param points x, y, z, intensity interleaved
 * @param room for as many numbers; a crop's are copied out of it
 */
function cropOf(points: Float32Array, [ox, oy, oz]: Vec3, radius: number, room: Float32Array): Crop {
  const most = radius * radius;
  let at = 0;
  for (let i = 0; i < points.length; i += 4) {
    const dx = points[i]! - ox;
    const dy = points[i + 1]! - oy;
    const dz = points[i + 2]! - oz;
    if (!(dx * dx + dy * dy + dz * dz <= most)) continue;
    room[at] = dx;
    room[at + 1] = dy;
    room[at + 2] = dz;
    at += 3;
  }
  return { origin: [ox, oy, oz], positions: room.slice(0, at), count: at / 3 };
}
