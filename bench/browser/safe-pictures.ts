/**
 * Pictures of what the page does when something is in the way: an outage, two people on one box, a cloud that
 * was replaced. From the demo, dark and light. `npx tsx bench/browser/safe-pictures.ts [--out docs/images]`
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import type { TestApi } from '../../app/page/index.ts';
import { launchChromium } from '../../app/page/testing/browser/index.ts';
import { demoObjects, RealPage, servePages } from '../../app/page/testing/real/index.ts';
import { takePicture } from './picture.ts';

declare const nearbox: TestApi;

const MAX_BYTES = 150 * 1024;
const FRAME = '000000';
/** Cars that are boxed before anything goes wrong. */
const CARS = 5;

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' } } });
await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-pictures-'));
const labels = path.join(folder, 'labels');
let server = await servePages({ labels });
const browser = await launchChromium();
try {
  const cars = await demoObjects(0);
  const on = await openIn(browser, 'dark');
  for (const car of cars.slice(0, CARS)) {
    await on.click(car);
    await on.press('Space');
  }
  await saved(on);

  // An outage: the next frame does not come, the page fits, the browser keeps the work.
  const pixel = await on.aim(cars[CARS]!);
  const port = Number(new URL(server.url).port);
  await server.close();
  await on.press('.');
  await on.until(() => nearbox.state.opening?.problem != null);
  await on.boxAt(pixel);
  await on.until(() => nearbox.state.saving.status === 'offline');
  await shoot(on, 'page-offline');
  await on.press('Escape');
  server = await servePages({ labels, port });
  await saved(on);

  // Two people change one box.
  const colleague = await openIn(browser, 'light');
  await colleague.page.evaluate(() => nearbox.run('nextBox'));
  await colleague.page.evaluate(() => nearbox.run('flip'));
  await saved(colleague);
  await on.page.evaluate(
    (id) => {
      while (nearbox.state.selected !== id) nearbox.run('nextBox');
      nearbox.run('class:van');
    },
    (await colleague.state()).selected,
  );
  await saved(on);
  await on.close();
  await colleague.page.reload();
  await colleague.complete();
  await colleague.until(() => nearbox.labels().some(({ conflictsWith }) => conflictsWith !== undefined));
  await colleague.page.evaluate(() => {
    while (nearbox.labels().find(({ id }) => id === nearbox.state.selected)?.conflictsWith === undefined)
      nearbox.run('nextBox');
  });
  await colleague.complete();
  await shoot(colleague, 'page-two-versions');
  await colleague.close();

  // The boxes are of another version of the cloud.
  await server.close();
  const file = path.join(labels, FRAME, '~labels.json');
  const document = JSON.parse(await readFile(file, 'utf8')) as { cloud: { version: string } };
  await writeFile(file, JSON.stringify({ ...document, cloud: { id: FRAME, version: 'k3v9' } }));
  server = await servePages({ labels });
  const later = await openIn(browser, 'dark');
  await later.until(() => nearbox.labels().length > 0);
  await shoot(later, 'page-other-version');
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

async function openIn(browser: Browser, theme: 'dark' | 'light'): Promise<RealPage> {
  const on = await RealPage.open(browser, server, FRAME, { learns: true });
  await on.page.selectOption('#theme', theme);
  return on;
}

async function saved(on: RealPage): Promise<void> {
  await on.until(() => nearbox.state.saving.status === 'saved');
}

function shoot(on: RealPage, name: string): Promise<void> {
  return takePicture(on.page, name, { out: values.out, mostBytes: MAX_BYTES });
}
