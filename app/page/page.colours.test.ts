/** Points in the colours that the cloud has of its own, on the real server. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildClouds } from '../../octree/build/index.ts';
import type { TestApi } from './test-api.ts';
import { canTest, painted } from './testing/fixture/index.ts';
import { type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** Metres to each side. */
const HALF = 6;
const STEP = 0.05;

type Colour = readonly [number, number, number];

/**
 * A cloud of a level floor, one node of an EPT: its right half (x > 0) has one colour, its left half another.
 * @param bytes of each of red, green and blue
 */
async function writeFloor(folder: string, right: Colour, left: Colour, bytes: 1 | 2): Promise<void> {
  const points: (readonly [number, number])[] = [];
  for (let x = -HALF; x <= HALF; x += STEP) for (let y = -HALF; y <= HALF; y += STEP) points.push([x, y]);
  const stride = 12 + 3 * bytes;
  const data = Buffer.alloc(points.length * stride);
  for (const [i, [x, y]] of points.entries()) {
    data.writeInt32LE(Math.round(x * 1000), i * stride);
    data.writeInt32LE(Math.round(y * 1000), i * stride + 4);
    for (const [k, value] of (x > 0 ? right : left).entries())
      data.writeUIntLE(value, i * stride + 12 + k * bytes, bytes);
  }
  const bounds = [-HALF, -HALF, -HALF, HALF, HALF, HALF];
  const metadata = {
    version: '1.0.0',
    bounds,
    boundsConforming: [-HALF, -HALF, 0, HALF, HALF, 0],
    dataType: 'binary',
    hierarchyType: 'json',
    points: points.length,
    span: 256,
    schema: [
      ...['X', 'Y', 'Z'].map((name) => ({ name, type: 'signed', size: 4, scale: 0.001, offset: 0 })),
      ...['Red', 'Green', 'Blue'].map((name) => ({ name, type: 'unsigned', size: bytes })),
    ],
  };
  for (const part of ['ept-data', 'ept-hierarchy']) await mkdir(path.join(folder, part), { recursive: true });
  await writeFile(path.join(folder, 'ept-data', '0-0-0-0.bin'), data);
  const hierarchy = JSON.stringify({ '0-0-0-0': points.length });
  await writeFile(path.join(folder, 'ept-hierarchy', '0-0-0-0.json'), hierarchy);
  await writeFile(path.join(folder, 'ept.json'), JSON.stringify(metadata));
}

const ORANGE: Colour = [230, 120, 20];
const TEAL: Colour = [10, 140, 130];
const wide = (colour: Colour) => colour.map((value) => 257 * value) as unknown as Colour;

describe.runIf(canTest)('own colours of points', { timeout: 240_000 }, () => {
  let on: RealPage;
  let asked: string[];

  useRealPage({
    async prepare(folder) {
      const clouds = path.join(folder, 'clouds');
      await writeFloor(path.join(clouds, 'bytes'), ORANGE, TEAL, 1);
      await writeFloor(path.join(clouds, 'wide'), wide(ORANGE), wide(TEAL), 2);
      const plain = Float32Array.from({ length: 4 * 4000 }, (_, i) =>
        i % 4 === 2 ? 0 : Math.sin(i * i) * HALF,
      );
      await writeFile(path.join(folder, 'none.bin'), new Uint8Array(plain.buffer));
      await buildClouds([path.join(folder, 'none.bin')], clouds, { jobs: 1 });
      return { clouds };
    },
    cloud: 'bytes',
    opened(page) {
      on = page;
      asked = [];
      page.page.on('request', (request) => asked.push(request.url()));
    },
  });

  /** The colour that most of the points around a place have. */
  async function colourAt(x: number, y: number): Promise<Colour> {
    const [left, top] = await on.pixel([x, y, 0]);
    const data = await painted(on.page, { x: left - 8, y: top - 8, width: 16, height: 16 });
    const background = await on.page.evaluate(() =>
      getComputedStyle(document.querySelector('#canvas')!).backgroundColor.match(/\d+/g)!.join(),
    );
    const counts = new Map<string, number>();
    for (let i = 0; i < data.length; i += 4) {
      const colour = data.slice(i, i + 3).join();
      if (colour !== background) counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a)[0]!;
    return most.split(',').map(Number) as unknown as Colour;
  }
  const near = (colour: Colour) => colour.map((value) => expect.closeTo(value, -0.7));
  const lookDown = async () => {
    await on.page.evaluate(() => nearbox.lookAt([0, 0, 0], 4));
    await on.complete();
  };
  const colourRequests = () => asked.filter((url) => url.includes('/colours/'));

  it.each(['bytes', 'wide'])('draws them, fetched when they are chosen: %s', async (cloud) => {
    if (cloud !== 'bytes') {
      await on.press('.');
      await on.press('.');
      await on.isOpen(cloud);
    }
    await lookDown();
    expect(colourRequests()).toEqual([]);
    expect(await colourAt(1.5, 0.5)).toEqual(await colourAt(-1.5, 0.5));
    await on.page.selectOption('#colour', 'own');
    await on.until(() => nearbox.state.colour === 'own');
    await on.complete();
    expect(colourRequests().length).toBeGreaterThan(0);
    expect(await colourAt(1.5, 0.5)).toEqual(near(ORANGE));
    expect(await colourAt(-1.5, 0.5)).toEqual(near(TEAL));
    const before = asked.length;
    await on.press('m');
    expect((await on.state()).colour).toBe('height');
    await on.complete();
    expect(await colourAt(1.5, 0.5)).toEqual(await colourAt(-1.5, 0.5));
    expect(asked.slice(before).filter((url) => url.includes('/points/'))).toEqual([]);
    expect(on.complaints).toEqual([]);
  });

  it('cannot be chosen where the cloud has none; heights are drawn if they were', async () => {
    await on.page.selectOption('#colour', 'own');
    await on.press('.');
    await on.isOpen('none');
    expect(await on.page.locator('#colour option[value=own]').isDisabled()).toBe(true);
    expect(colourRequests().filter((url) => url.includes('none'))).toEqual([]);
    expect(await on.page.evaluate(() => nearbox.stats().points)).toBe(4000);
    await on.press('m');
    await on.page.waitForFunction(() => nearbox.state.colour === 'height');
    for (const mode of ['intensity', 'distance', 'class', 'height']) {
      await on.press('m');
      expect((await on.state()).colour).toBe(mode);
    }
    expect(on.complaints).toEqual([]);
  });
});
