/**
 * The page on the real server, with the real network: the demo, and real frames where they are at hand. What
 * the network says is judged loosely here (docs/accuracy.md has the figures); that boxes come, and what can
 * be done with them, is not.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, corners, iou3d, type Vec3 } from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';
import type { Label } from './model/index.ts';
import type { TestApi } from './test-api.ts';
import { facingPlace, labelledObjects, launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';

declare const nearbox: TestApi;

/** Frames that the project may measure on but not contain; see the README there. */
const REAL_FRAMES = path.join(import.meta.dirname, '../../../shared/real/pandaset-002');
const polling = { polling: 60, timeout: 100_000 };

describe.runIf(canTest)('the page on the real server', { timeout: 240_000 }, () => {
  let folder: string;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-real-'));
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function withPage(
    clouds: string | undefined,
    cloud: string,
    work: () => Promise<void>,
  ): Promise<void> {
    const server: RunningServer = await startServer(
      parseServeConfig({ clouds, port: 0, rehearseMs: 0 }),
      silentLog,
    );
    context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
    try {
      page = await context.newPage();
      await page.goto(`${server.url}/?cloud=${cloud}`);
      await complete();
      await work();
    } finally {
      await context.close();
      await server.close();
    }
  }

  async function complete(): Promise<void> {
    const isComplete = () =>
      'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0;
    await page.waitForFunction(isComplete, undefined, polling);
    // How fast the machine is at the moment is not what is tested.
    await page.evaluate(() => nearbox.setLateAfter(60_000));
  }

  const labels = () => page.evaluate(() => nearbox.labels());
  const pixel = async (place: Vec3) =>
    [...(await page.evaluate((at) => nearbox.project(at), place))!] as [number, number];

  async function newLabel(gesture: () => Promise<void>): Promise<Label> {
    const before = (await labels()).length;
    await gesture();
    await page.waitForFunction((n) => nearbox.labels().length > n, before, polling);
    return (await labels()).at(-1)!;
  }

  async function lookAt(place: Vec3): Promise<void> {
    await page.evaluate((at) => nearbox.lookAt(at, 10), place);
    await complete();
  }

  async function boxByClick(object: Box): Promise<Label> {
    const place = facingPlace(object);
    await lookAt(place);
    return newLabel(async () => page.mouse.click(...(await pixel(place))));
  }

  async function boxByRectangle(object: Box): Promise<Label> {
    await lookAt(object.center);
    // The corners of a rectangle along the view's sides, around what the object covers on the ground.
    const ground = corners(object).slice(0, 4);
    const [xs, ys] = [ground.map(([x]) => x), ground.map(([, y]) => y)];
    const z = ground[0]![2];
    return newLabel(async () => {
      await page.keyboard.down('Shift');
      await page.mouse.move(...(await pixel([Math.min(...xs) - 0.2, Math.min(...ys) - 0.2, z])));
      await page.mouse.down();
      await page.mouse.move(...(await pixel([Math.max(...xs) + 0.2, Math.max(...ys) + 0.2, z])), {
        steps: 4,
      });
      await page.mouse.up();
      await page.keyboard.up('Shift');
    });
  }

  async function boxByLasso(object: Box): Promise<Label> {
    await lookAt(object.center);
    const seen = await Promise.all(
      corners({ ...object, size: object.size.map((side) => side * 1.15) as unknown as Vec3 }).map(pixel),
    );
    const middle = [0, 1].map((k) => seen.reduce((sum, at) => sum + at[k]!, 0) / seen.length);
    const ring = [...seen].sort(
      (a, b) =>
        Math.atan2(a[1] - middle[1]!, a[0] - middle[0]!) - Math.atan2(b[1] - middle[1]!, b[0] - middle[0]!),
    );
    return newLabel(async () => {
      await page.keyboard.down('Alt');
      await page.mouse.move(...ring[0]!);
      await page.mouse.down();
      for (const at of [...ring.slice(1), ring[0]!]) await page.mouse.move(...at);
      await page.mouse.up();
      await page.keyboard.up('Alt');
    });
  }

  /**
   * Edits the selected box and takes that back, accepts it, exports, reloads, throws the work away and
   * imports it.
   */
  async function finish(): Promise<void> {
    const { id, box } = (await labels()).at(-1)!;
    const own = async () => (await labels()).find((label) => label.id === id)!;
    await page.hover('#view-top');
    await page.keyboard.press('d');
    expect((await own()).box).not.toEqual(box);
    await page.keyboard.press('Control+z');
    expect((await own()).box).toEqual(box);
    await page.keyboard.press('Space');
    expect((await own()).state).toBe('accepted');
    await page.click('#export summary');
    const download = page.waitForEvent('download');
    await page.click('#export-menu [data-format="openlabel"]');
    const file = path.join(folder, `${id}.json`);
    await (await download).saveAs(file);
    const before = await labels();
    await page.reload();
    await complete();
    expect(await labels()).toEqual(before);
    await page.evaluate(() => {
      for (; nearbox.labels().length > 0; nearbox.run('remove')) nearbox.run('nextBox');
    });
    await page.setInputFiles('#import-files', file);
    await page.waitForFunction((n) => nearbox.labels().length === n, before.length, polling);
    for (const [i, label] of (await labels()).entries()) {
      expect(label).toMatchObject({ id: before[i]!.id, class: before[i]!.class, state: before[i]!.state });
      expect(iou3d(label.box, before[i]!.box)).toBeGreaterThan(0.999);
    }
  }

  it('comes to rest once it is open: no request is left open, none is repeated', async () => {
    await withPage(undefined, '000000', () => page.waitForLoadState('networkidle', { timeout: 60_000 }));
  });

  it('cars of the demo: by click, rough box and lasso, to the exported file', async () => {
    const cars = await labelledObjects(path.join(DEMO_CLOUDS, 'truth.json'), 0, {
      least: 300,
      kind: /^car$/i,
    });
    await withPage(undefined, '000000', async () => {
      for (const car of cars.slice(0, 2)) {
        expect(iou3d((await boxByClick(car)).box, car)).toBeGreaterThan(0.6);
        await page.keyboard.press('Space');
      }
      expect(iou3d((await boxByRectangle(cars[2]!)).box, cars[2]!)).toBeGreaterThan(0.5);
      await page.keyboard.press('Enter');
      expect(iou3d((await boxByLasso(cars[3]!)).box, cars[3]!)).toBeGreaterThan(0.5);
      await finish();
    });
  });

  it.runIf(existsSync(REAL_FRAMES))('a car of a real frame, to the exported file', async () => {
    const clouds = path.join(folder, 'clouds');
    await buildClouds([path.join(REAL_FRAMES, 'pandaset-002-00.bin')], clouds);
    const cars = await labelledObjects(path.join(REAL_FRAMES, 'index.json'), 0, {
      least: 300,
      kind: /^car$/i,
    });
    await withPage(clouds, 'pandaset-002-00', async () => {
      const overlaps: number[] = [];
      for (const car of cars.slice(0, 3)) {
        overlaps.push(iou3d((await boxByClick(car)).box, car));
        if (overlaps.length < 3) await page.keyboard.press('Space');
      }
      expect(overlaps.sort()[1]).toBeGreaterThan(0.5);
      await finish();
    });
  });

  it.runIf(existsSync(REAL_FRAMES))('objects of few points in a real frame can be clicked', async () => {
    const clouds = path.join(folder, 'sparse');
    await buildClouds([path.join(REAL_FRAMES, 'pandaset-002-00.bin')], clouds);
    const objects = await labelledObjects(path.join(REAL_FRAMES, 'index.json'), 0, { least: 20 });
    const sparse = objects.filter(({ numPoints }) => numPoints <= 150);
    expect(sparse.length).toBeGreaterThan(10);
    await withPage(clouds, 'pandaset-002-00', async () => {
      const asked: { region: { position: Vec3 } }[] = [];
      await page.route('**/v1/predictions', (route) => {
        asked.push(route.request().postDataJSON());
        return route.fulfill({ status: 422, json: { code: 'region_empty', detail: 'not asked here' } });
      });
      for (const { center, size } of sparse) {
        await page.evaluate((at) => nearbox.lookAt(at, 60), center);
        await complete();
        await page.mouse.click(...(await pixel(center)));
        await page.waitForFunction((n) => nearbox.state.pending.length === n, 0, polling);
        const [x, y] = asked.at(-1)!.region.position;
        expect(Math.hypot(x - center[0], y - center[1])).toBeLessThan(Math.max(...size) / 2 + 1);
      }
      expect(asked).toHaveLength(sparse.length);
    });
  });
});
