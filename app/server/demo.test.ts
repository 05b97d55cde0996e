import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, iou3d } from '../../inference/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from './server.ts';

interface Truth {
  readonly frames: readonly {
    readonly id: string;
    readonly pose: { readonly position: readonly number[]; readonly rotation: readonly number[] };
    readonly objects: readonly (Box & {
      readonly id: string;
      readonly class: string;
      readonly numPoints: number;
    })[];
  }[];
}

const truth = JSON.parse(readFileSync(new URL('../demo/truth.json', import.meta.url), 'utf8')) as Truth;
let server: RunningServer;

beforeAll(async () => {
  server = await startServer(parseServeConfig({ port: '0', shards: '0' }), silentLog);
});
afterAll(() => server.close());

describe('the built-in demo', () => {
  it('is a sequence of at least ten frames of about 100,000 points, with poses and true boxes', async () => {
    expect(truth.frames.length).toBeGreaterThanOrEqual(10);
    for (const { id, pose, objects } of truth.frames) {
      const info = await server.services.reader.cloud(id);
      expect(info.points).toBeGreaterThan(90_000);
      expect(info.sensor).toEqual([0, 0, 0]);
      expect([...pose.position, ...pose.rotation]).toHaveLength(7);
      expect(objects.length).toBeGreaterThan(10);
    }
  });

  it('answers a click on most of the well-seen cars of a frame with a box that fits', async () => {
    const { id, objects } = truth.frames[0]!;
    const cars = objects.filter((object) => object.class === 'car' && object.numPoints >= 300);
    const overlaps: number[] = [];
    for (const car of cars) {
      const region = { type: 'sphere', center: car.center, radius: 0.75 * car.size[0] };
      const response = await fetch(`${server.url}/v1/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ cloud: id, region }),
      });
      const answer = (await response.json()) as { box: Box; method: string };
      expect(answer.method).toBe('model');
      overlaps.push(iou3d(answer.box, car));
    }
    expect(overlaps.length).toBeGreaterThan(5);
    expect(overlaps.filter((overlap) => overlap >= 0.5).length).toBeGreaterThanOrEqual(0.8 * overlaps.length);
  });
});
