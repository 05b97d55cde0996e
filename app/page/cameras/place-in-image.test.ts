import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { type Camera, CameraProjection } from '../../../inference/cameras/index.ts';
import type { LoadedNode } from '../cloud/index.ts';
import { placeInImage } from './place-in-image.ts';

const camera: Camera = {
  name: 'front',
  focal: [700, 700],
  centre: [600, 180],
  distortion: [-0.2, 0.05, 0.001, 0.001],
  pose: { position: [500_000, 4_000_000, 2], rotation: [-0.5, 0.5, -0.5, 0.5] },
};
const projection = new CameraProjection(camera);

/** Points told from the camera: ahead, to the left, up. */
function nodeOf(points: readonly Vec3[]): LoadedNode {
  const [x, y, z] = camera.pose.position;
  const data = Float32Array.from(points.flatMap((place) => [...place, 0]));
  const payload = {
    count: points.length,
    origin: [x, y, z] as const,
    step: [1, 1, 1] as const,
    intensity: { offset: 0, scale: 0 },
    data,
  };
  const cube = { min: [x - 200, y - 200, z - 200], max: [x + 200, y + 200, z + 200] } as never;
  return { name: '0-0-0-0', cube, payload };
}
const ownOf = (place: Vec3 | null) => place?.map((value, k) => value - camera.pose.position[k]!);
const pixelOf = ([x, y, z]: Vec3): [number, number] => {
  const [ox, oy, oz] = camera.pose.position;
  const seen = projection.project([x + ox, y + oy, z + oz])!;
  return [seen.x, seen.y];
};

const wall: Vec3[] = Array.from({ length: 400 }, (_, k) => [
  30,
  -5 + (k % 20) / 2,
  -3 + Math.floor(k / 20) / 3,
]);
const car: Vec3[] = Array.from({ length: 60 }, (_, k) => [
  12,
  -1 + (k % 10) / 5,
  -1.5 + Math.floor(k / 10) / 5,
]);

describe('a pixel of an image', () => {
  it('is about the nearest group of points on its line of sight', () => {
    const nodes = [nodeOf(wall), nodeOf(car)];
    const onCar: Vec3 = [12, 0.2, -1.1];
    const found = ownOf(placeInImage(nodes, projection, pixelOf(onCar), 16))!;
    expect(found[0]).toBeCloseTo(12, 5);
    expect(Math.hypot(found[1]! - onCar[1], found[2]! - onCar[2])).toBeLessThan(0.15);
    expect(ownOf(placeInImage(nodes, projection, pixelOf([30, -4, 2]), 16))![0]).toBeCloseTo(30, 5);
    expect(placeInImage(nodes, projection, pixelOf([30, 15, 6]), 16)).toBeNull();
  });

  it('looks past a stray point in front, and takes it where there is nothing else', () => {
    const stray = nodeOf([[5, 0.08, -0.45]]);
    const pixel = pixelOf([12, 0.2, -1.1]);
    expect(ownOf(placeInImage([stray, nodeOf(car)], projection, pixel, 16))![0]).toBeCloseTo(12, 5);
    expect(ownOf(placeInImage([stray], projection, pixel, 16))![0]).toBeCloseTo(5, 5);
  });

  it('finds any point at its own pixel, and none behind the camera', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(number(1, 80), number(-0.7, 0.7), number(-0.25, 0.25), (ahead, left, up) => {
        const point: Vec3 = [ahead, left * ahead, up * ahead];
        const found = ownOf(placeInImage([nodeOf([point])], projection, pixelOf(point), 2))!;
        for (const k of [0, 1, 2] as const) expect(found[k]).toBeCloseTo(point[k], 3);
        const behind = nodeOf([point.map((value) => -value) as unknown as Vec3]);
        expect(placeInImage([behind], projection, pixelOf(point), 2)).toBeNull();
      }),
    );
  });
});
