/** The page on the real server: the demo, and a real frame if one is at hand. What the network says is judged loosely here; that a box comes is not. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, iou3d, type Vec3 } from '../../inference/box.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { parseServeConfig } from '../config.ts';
import { silentLog } from '../log.ts';
import { type RunningServer, startServer } from '../server.ts';
import { DEMO_CLOUDS } from '../services.ts';
import type { Label } from './model/label.ts';
import { chromiumPath, launchChromium } from './testing/chromium.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
/** Frames that the project may measure on but not contain; see the README there. */
const REAL_FRAMES = fileFolder('../../../shared/real/pandaset-002');

interface Face {
  labels(): Label[];
  run(action: string): boolean;
  project(place: Vec3): [number, number] | null;
  lookAt(place: Vec3, radius: number): void;
  stats(): { points: number; complete: boolean };
}
declare const nearbox: Face;

interface TrueObject extends Box {
  readonly class: string;
  readonly numPoints: number;
}

function fileFolder(relative: string): string {
  return path.join(import.meta.dirname, relative);
}

async function trueCars(file: string, frame: number): Promise<TrueObject[]> {
  const { frames } = JSON.parse(await readFile(file, 'utf8')) as { frames: { objects: TrueObject[] }[] };
  return frames[frame]!.objects.filter(
    (object) => /^car$/i.test(object.class) && object.numPoints > 300,
  ).sort((a, b) => b.numPoints - a.numPoints);
}

/** Where the line from above the scanner to the middle of a box comes out of its surface. */
function facingPlace({ center: [x, y, z], size: [length, width], yaw }: Box): Vec3 {
  const range = Math.hypot(x, y);
  const own = Math.atan2(y, x) - yaw;
  const depth = Math.min(length / 2 / Math.abs(Math.cos(own)), width / 2 / Math.abs(Math.sin(own)));
  return [(x * (range - depth)) / range, (y * (range - depth)) / range, z];
}

describe.runIf(chromiumPath() !== undefined || isRequired)(
  'the page on the real server',
  { timeout: 120_000 },
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launchChromium();
    }, 60_000);

    afterAll(async () => {
      await browser?.close();
    });

    async function openPage(server: RunningServer, cloud: string): Promise<Page> {
      const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
      await page.goto(`${server.url}/?cloud=${cloud}`);
      await page.waitForFunction(() => 'nearbox' in globalThis && nearbox.stats().complete, undefined, {
        timeout: 60_000,
      });
      return page;
    }

    /** Clicks an object and waits for its box; the best of up to `tries` objects. */
    async function bestBox(page: Page, objects: readonly TrueObject[], tries: number): Promise<number> {
      let best = 0;
      for (const object of objects.slice(0, tries)) {
        const place = facingPlace(object);
        await page.evaluate((at) => nearbox.lookAt(at, 10), place);
        await page.waitForFunction(() => nearbox.stats().complete);
        const before = await page.evaluate(() => nearbox.labels().length);
        const pixel = await page.evaluate((at) => nearbox.project(at), place);
        await page.mouse.click(...pixel!);
        await page.waitForFunction((n) => nearbox.labels().length > n, before);
        const label = (await page.evaluate(() => nearbox.labels())).at(-1)!;
        best = Math.max(best, iou3d(label.box, object));
        await page.keyboard.press('Space');
      }
      return best;
    }

    it('clicks cars of the demo and has their boxes', async () => {
      const server = await startServer(parseServeConfig({ port: 0 }), silentLog);
      try {
        const page = await openPage(server, '000000');
        const cars = await trueCars(path.join(DEMO_CLOUDS, 'truth.json'), 0);
        expect(await bestBox(page, cars, 3)).toBeGreaterThan(0.6);
        expect(await page.evaluate(() => nearbox.labels().every(({ state }) => state === 'accepted'))).toBe(
          true,
        );
      } finally {
        await server.close();
      }
    });

    it.runIf(existsSync(REAL_FRAMES))('clicks cars of a real frame and has their boxes', async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-real-'));
      try {
        await buildClouds([path.join(REAL_FRAMES, 'pandaset-002-00.bin')], folder);
        const server = await startServer(parseServeConfig({ clouds: folder, port: 0 }), silentLog);
        try {
          const page = await openPage(server, 'pandaset-002-00');
          const cars = await trueCars(path.join(REAL_FRAMES, 'index.json'), 0);
          expect(await bestBox(page, cars, 3)).toBeGreaterThan(0.5);
        } finally {
          await server.close();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
