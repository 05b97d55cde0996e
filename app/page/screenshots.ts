/**
 * Takes the pictures in docs/images from the built-in demo:
 * `npx tsx app/page/screenshots.ts [--out DIR] [--clouds URI] [--at X,Y,Z ...]`. Each `--at` is a place on an
 * object to click; without one, what the demo's labels say.
 */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import type { Vec3 } from '../../inference/boxes/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { startServer } from '../server/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';
import type { TestApi } from './test-api.ts';
import { facingPlace, labelledObjects, launchChromium } from './testing/browser/index.ts';

declare const nearbox: TestApi;

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
  values.at?.map((text) => text.split(',').map(Number) as unknown as Vec3) ?? (await demoPlaces());
const server = await startServer(parseServeConfig({ clouds: values.clouds, port: 0 }), silentLog);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, colorScheme: 'dark' });
  await page.goto(`${server.url}/${values.cloud === undefined ? '' : `?cloud=${values.cloud}`}`);
  page.setDefaultTimeout(300_000);
  await settle(page);
  // However busy the machine: the pictures show what the network says.
  await page.evaluate(() => nearbox.setLateAfter(300_000));
  for (const place of places) await clickAt(page, place);
  // Back to the box that was clicked last.
  await page.evaluate(() => nearbox.run('previousBox'));
  await page.evaluate(() => nearbox.run('nextBox'));
  await page.waitForFunction(
    (count) => Object.values(nearbox.state.learnt?.counts ?? {}).reduce((sum, own) => sum + own, 0) === count,
    places.length,
  );
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

async function clickAt(page: Page, place: Vec3): Promise<void> {
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

/** What is seen best in the demo's first frame. */
async function demoPlaces(): Promise<Vec3[]> {
  const objects = await labelledObjects(path.join(DEMO_CLOUDS, 'truth.json'), 0);
  return objects.slice(0, OBJECTS).map(facingPlace);
}
