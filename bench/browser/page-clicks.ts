/**
 * From mouse-up to the drawn box, in a real Chromium on the real server: every object of the demo's frames,
 * and of real frames where they are at hand.
 * `npx tsx bench/browser/page-clicks.ts [--frames 3] [--clicks 6] [--real ../shared/real]`
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { parseServeConfig } from '../../app/config/index.ts';
import { silentLog } from '../../app/observability/index.ts';
import type { TestApi } from '../../app/page/index.ts';
import { facingPlace, labelledObjects, launchChromium } from '../../app/page/testing/browser/index.ts';
import { startServer } from '../../app/server/index.ts';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { type Box, iou3d, type Vec3 } from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { machineLine, quantile } from '../kit/index.ts';

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '3' },
    /** Objects a frame, those with the most points first. */
    clicks: { type: 'string', default: '6' },
    real: { type: 'string', default: '../shared/real' },
  },
});

declare const nearbox: TestApi;

/** How long anything may take, milliseconds. */
const TIMEOUT_MS = 300_000;
const LEAST_POINTS = 50;

interface ClickedSequence {
  readonly name: string;
  /** Folder of clouds; undefined is the demo's. */
  readonly clouds: string | undefined;
  readonly labels: string;
  readonly frames: readonly string[];
}

/**
 * One click: from mouse-up to the picture with the box, to the answer, and what the server says it took;
 * whether tiles had to be read.
 */
interface PageClick {
  readonly drawnMs: number;
  readonly answerMs: number;
  readonly serverMs: number;
  readonly isCold: boolean;
  readonly method: string;
  readonly overlap: number;
}

async function sequences(folder: string): Promise<ClickedSequence[]> {
  const count = Number(values.frames);
  const demo = path.join(DEMO_CLOUDS, 'truth.json');
  const made: ClickedSequence[] = [
    { name: 'demo', clouds: undefined, labels: demo, frames: (await frameIds(demo)).slice(0, count) },
  ];
  for (const name of ['kitti-dev', 'pandaset-002']) {
    const labels = path.join(values.real, name, 'index.json');
    if (!existsSync(labels)) continue;
    const frames = (await frameIds(labels)).slice(0, count);
    const clouds = path.join(folder, name);
    await buildClouds(
      frames.map((id) => path.join(values.real, name, `${id}.bin`)),
      clouds,
    );
    made.push({ name, clouds, labels, frames });
  }
  return made;
}

async function frameIds(labels: string): Promise<string[]> {
  const { frames } = JSON.parse(await readFile(labels, 'utf8')) as { frames: { id: string }[] };
  return frames.map(({ id }) => id);
}

async function complete(page: Page): Promise<void> {
  const isComplete = () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0;
  await page.waitForFunction(isComplete, undefined, { timeout: TIMEOUT_MS, polling: 50 });
}

/** Clicks an object where it faces the scanner; null if nothing is to be seen of it there. */
async function click(page: Page, object: Box): Promise<PageClick | null> {
  const place: Vec3 = facingPlace(object);
  await page.evaluate((at) => nearbox.lookAt(at, 15), place);
  await complete(page);
  const pixel = await page.evaluate((at) => nearbox.project(at), place);
  const before = await page.evaluate(() => ({
    measured: performance.getEntriesByName('nearbox:hint-to-box').length,
    labels: nearbox.labels().length,
  }));
  await page.mouse.click(...(pixel as [number, number]));
  const isAsked = await page.evaluate(
    (labels) => nearbox.state.pending.length > 0 || nearbox.labels().length > labels,
    before.labels,
  );
  // No points there, or a box that is there already.
  if (!isAsked) return null;
  await page.waitForFunction(
    (n) => performance.getEntriesByName('nearbox:hint-to-box').length > n,
    before.measured,
    { timeout: TIMEOUT_MS, polling: 20 },
  );
  const result = await page.evaluate(() => ({
    drawnMs: performance.getEntriesByName('nearbox:hint-to-box').at(-1)!.duration,
    answer: nearbox.state.answer!,
    label: nearbox.labels().at(-1)!,
  }));
  await page.evaluate(() => nearbox.run('accept'));
  const { drawnMs, answer, label } = result;
  return {
    drawnMs,
    answerMs: answer.roundTripMs,
    serverMs: answer.timings?.totalMs ?? Number.NaN,
    isCold: (answer.cost?.origin ?? 0) > 0,
    method: answer.method,
    overlap: iou3d(label.box, object),
  };
}

function report(name: string, clicks: readonly PageClick[]): void {
  const line = (what: string, figures: readonly number[]) =>
    `${what} ${quantile(figures, 0.5).toFixed(0)} ms p50, ${quantile(figures, 0.95).toFixed(0)} ms p95`;
  console.log(
    `${name}: ${line(
      'mouse-up to drawn box',
      clicks.map(({ drawnMs }) => drawnMs),
    )};` +
      ` ${line(
        'until the answer',
        clicks.map(({ answerMs }) => answerMs),
      )};` +
      ` ${line(
        'in the server',
        clicks.map(({ serverMs }) => serverMs),
      )};` +
      ` ${clicks.length} clicks, ${clicks.filter(({ isCold }) => isCold).length} of them read tiles,` +
      ` ${clicks.filter(({ method }) => method === 'model').length} answered by the network;` +
      ` overlap with the label ${quantile(
        clicks.map(({ overlap }) => overlap),
        0.5,
      ).toFixed(2)} at the median`,
  );
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-bench-clicks-'));
const browser = await launchChromium();
try {
  for (const { name, clouds, labels, frames } of await sequences(folder)) {
    const server = await startServer(parseServeConfig({ clouds, port: 0 }), silentLog);
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const clicks: PageClick[] = [];
    try {
      const page = await context.newPage();
      for (const [index, frame] of frames.entries()) {
        await page.goto(`${server.url}/?cloud=${frame}`);
        await complete(page);
        await page.evaluate(() => nearbox.setLateAfter(60_000));
        const objects = await labelledObjects(labels, index, { least: LEAST_POINTS });
        for (const object of objects.slice(0, Number(values.clicks))) {
          const one = await click(page, object);
          if (one !== null) clicks.push(one);
        }
      }
    } finally {
      await context.close();
      await server.close();
    }
    report(name, clicks);
  }
  console.log(machineLine());
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
