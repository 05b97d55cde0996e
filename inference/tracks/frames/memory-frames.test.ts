import { expect, it } from 'vitest';
import type { Crop } from '../../fit/index.ts';
import { memoryFrames } from './memory-frames.ts';

it('fits in the points around each start, counted from there; what is no place is in none', async () => {
  const near = [0, 0.1, 0.2, 0.3, 0.4].map((z) => [1, 0.5, z]);
  const far = near.map(([x, y, z]) => [x! + 200, y!, z!]);
  const places = [...near, [Number.NaN, 0, 0], ...far];
  const points = Float32Array.from(places.flatMap((place) => [...place, 0.5]));
  const crops: Crop[] = [];
  const frames = memoryFrames(
    async () => ({ points, sensor: null }),
    async ({ crop }) => {
      crops.push(crop);
      return null;
    },
  );
  const ask = (x: number) => ({
    starts: [{ center: [x, 0, 0], size: [4, 2, 1.5], yaw: 0 }] as const,
    class: null,
    reference: null,
    atPlace: null,
    wantsShape: false,
  });
  await frames.ask(0, [ask(0), ask(200)], new AbortController().signal);
  const around = [...Float32Array.from(near.flat())];
  expect(crops.map(({ positions, count }) => [count, [...positions]])).toEqual([
    [5, around],
    [5, around],
  ]);
});
