/**
 * Takes the pictures in docs/images from the built-in demo: `npx tsx app/page/screenshots.ts [--out DIR] [--clouds URI] [--at X,Y,Z ...]`.
 * Each `--at` is a place on an object to click; without one, what the demo's labels say.
 */
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { parseServeConfig } from '../config.ts';
import { silentLog } from '../log.ts';
import { startServer } from '../server.ts';
import { DEMO_CLOUDS } from '../services.ts';
import { launchChromium } from './testing/chromium.ts';

type Place = readonly [number, number, number];
interface Face {
  readonly state: { readonly pending: readonly unknown[]; readonly selected: string | null };
  labels(): { readonly id: string; readonly box: { readonly center: Place } }[];
  run(action: string): boolean;
  project(place: Place): [number, number] | null;
  lookAt(place: Place, radius: number): void;
  stats(): { points: number; complete: boolean };
}
declare const nearbox: Face;

const MAX_BYTES = 300 * 1024;
/** Boxes in the pictures. */
const OBJECTS = 7;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/images' },
    clouds: { type: 'string' },
    cloud: { type: 'string' },
    at: { type: 'string', multiple: true },
  },
});
await mkdir(values.out, { recursive: true });
const places =
  values.at?.map((text) => text.split(',').map(Number) as unknown as Place) ?? (await demoPlaces());
const server = await startServer(parseServeConfig({ clouds: values.clouds, port: 0 }), silentLog);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, colorScheme: 'dark' });
  await page.goto(`${server.url}/${values.cloud === undefined ? '' : `?cloud=${values.cloud}`}`);
  await settle(page);
  for (const place of places) await clickAt(page, place);
  await page.evaluate(() => nearbox.run('previousBox'));
  await settle(page);
  await shoot(page, 'page-overview');

  await page.evaluate((place) => nearbox.lookAt(place, 9), places[0]!);
  await page.evaluate(() => nearbox.run('nextBox'));
  await settle(page);
  await shoot(page, 'page-editing');

  await page.selectOption('#theme', 'light');
  await page.selectOption('#colour', 'class');
  await page.evaluate(() => nearbox.run('home'));
  await settle(page);
  await shoot(page, 'page-light');

  await page.selectOption('#theme', 'dark');
  await page.selectOption('#colour', 'height');
  await page.evaluate(() => nearbox.run('sheet'));
  await shoot(page, 'page-keys');
} finally {
  await browser.close();
  await server.close();
}

async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.state.pending.length === 0,
  );
}

async function clickAt(page: Page, place: Place): Promise<void> {
  const pixel = await page.evaluate((at) => nearbox.project(at), place);
  const before = await page.evaluate(() => nearbox.labels().length);
  await page.mouse.click(...pixel!);
  await page.waitForFunction((n) => nearbox.labels().length > n, before);
  await page.keyboard.press('Space');
}

async function shoot(page: Page, name: string): Promise<void> {
  const file = path.join(values.out, `${name}.png`);
  await page.screenshot({ path: file });
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, the limit is ${MAX_BYTES}`);
  console.log(`${file}: ${Math.round(size / 1024)} KB`);
}

/** What is seen best in the demo's first frame: of each object the place on its surface that faces the scanner. */
async function demoPlaces(): Promise<Place[]> {
  const text = await readFile(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8');
  const { frames } = JSON.parse(text) as {
    frames: { objects: { center: Place; size: Place; yaw: number; numPoints: number }[] }[];
  };
  return [...frames[0]!.objects]
    .sort((a, b) => b.numPoints - a.numPoints)
    .slice(0, OBJECTS)
    .map(({ center: [x, y, z], size: [length, width], yaw }) => {
      const range = Math.hypot(x, y);
      const own = Math.atan2(y, x) - yaw;
      const depth = Math.min(length / 2 / Math.abs(Math.cos(own)), width / 2 / Math.abs(Math.sin(own)));
      const nearer = (range - depth) / range;
      return [x * nearer, y * nearer, z];
    });
}
