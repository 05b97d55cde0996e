/**
 * What opening and looking at a large cloud costs in a real Chromium: time to the first points and to all of
 * the view, points drawn and kept, memory, and main-thread milliseconds a picture.
 * `npx tsx bench/browser/page.ts [--points 5000000] [--clouds FOLDER --cloud ID]`
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { parseServeConfig } from '../../app/config/index.ts';
import { silentLog } from '../../app/observability/index.ts';
import type { TestApi } from '../../app/page/index.ts';
import { launchChromium } from '../../app/page/testing/browser/index.ts';
import { startServer } from '../../app/server/index.ts';
import { streetPoints } from '../../app/testing/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '5000000' },
    /** A folder of clouds that are there already, and which of them to open. */
    clouds: { type: 'string' },
    cloud: { type: 'string', default: 'town' },
    /** How often the cloud is opened. */
    openings: { type: 'string', default: '3' },
  },
});

declare const nearbox: TestApi;

const STREET_METRES = 60;
/** How long a view may take to be complete, milliseconds. */
const TIMEOUT_MS = 600_000;
/** Steps of the keyboard's turn of the view, there and back. */
const TURN_STEPS = 40;
/**
 * Where the annotator goes: the larger the cloud, the farther; shares of half its extent, and metres seen
 * around the place.
 */
const JOURNEY = [
  [0, 0, 25],
  [0.4, 0, 25],
  [0.4, 0.4, 25],
  [-0.4, 0.4, 120],
  [-0.4, -0.4, 25],
  [0, 0, 25],
] as const;

/** Streets side by side, each with its car, until there are so many points. */
function town(count: number): Float32Array {
  const street = streetPoints();
  const copies = Math.ceil((4 * count) / street.length);
  const side = Math.ceil(Math.sqrt(copies));
  const points = new Float32Array(copies * street.length);
  for (let copy = 0; copy < copies; copy++) {
    const dx = ((copy % side) - side / 2) * STREET_METRES;
    const dy = (Math.floor(copy / side) - side / 2) * STREET_METRES;
    for (let i = 0; i < street.length; i += 4) {
      // The second decimal differs between copies, or nodes of equal points would be unlike any real cloud.
      const jitter = ((copy * 7919 + i) % 97) / 2000;
      points.set(
        [street[i]! + dx + jitter, street[i + 1]! + dy + jitter, street[i + 2]!, street[i + 3]!],
        copy * street.length + i,
      );
    }
  }
  return points;
}

async function buildTown(folder: string): Promise<string> {
  const file = path.join(folder, 'town.bin');
  await writeFile(file, town(Number(values.points)));
  const clouds = path.join(folder, 'clouds');
  const [built] = (await buildClouds([file], clouds)).clouds;
  console.log(`built: ${built!.nodes} nodes, ${mebibytes(built!.bytes)} MiB`);
  return clouds;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function complete(page: Page): Promise<unknown> {
  const isComplete = () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0;
  return page.waitForFunction(isComplete, undefined, { timeout: TIMEOUT_MS, polling: 50 });
}

/**
 * Processor time that the page's main thread has had, milliseconds: what no other process on the machine can
 * lengthen.
 */
async function mainThreadMs(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
}

/** Resident memory of a kind of the browser's processes, MiB: the largest of them. */
async function memoryOf(browserCdp: CDPSession, type: string): Promise<number> {
  const { processInfo } = await browserCdp.send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter((one) => one.type === type)
    .map(async ({ id }) => {
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
    });
  return Math.max(...(await Promise.all(sizes)).filter(Number.isFinite));
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-bench-page-'));
const clouds = values.clouds ?? (await buildTown(folder));
const server = await startServer(parseServeConfig({ clouds, port: 0 }), silentLog);
const browser = await launchChromium();
try {
  const { bounds, points } = (await (await fetch(`${server.url}/v1/clouds/${values.cloud}`)).json()) as {
    bounds: { min: number[]; max: number[] };
    points: number;
  };
  const extent = [0, 1].map((k) => (bounds.max[k]! - bounds.min[k]!).toFixed(0));
  console.log(`cloud: ${points} points, ${extent.join(' x ')} m`);
  const browserCdp = await browser.newBrowserCDPSession();

  const opened: { first: number; all: number; page: number; server: number; points: number }[] = [];
  let page!: Page;
  let cdp!: CDPSession;
  for (let round = 0; round < Number(values.openings); round++) {
    if (round > 0) await page.context().close();
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    page = await context.newPage();
    cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const usedBefore = process.cpuUsage();
    await page.goto(`${server.url}/?cloud=${values.cloud}`);
    await complete(page);
    const used = process.cpuUsage(usedBefore);
    const times = await page.evaluate(() => ({
      first: performance.getEntriesByName('nearbox:first-points')[0]!.startTime,
      all: performance.getEntriesByName('nearbox:all-points')[0]!.startTime,
      points: nearbox.stats().points,
    }));
    opened.push({ ...times, page: await mainThreadMs(cdp), server: (used.user + used.system) / 1000 });
  }
  const rounds = (pick: (one: (typeof opened)[number]) => number) =>
    opened.map((one) => pick(one).toFixed(0)).join(', ');
  console.log(
    `time to first points: ${medianOf(opened.map(({ first }) => first)).toFixed(0)} ms after navigation (each: ${rounds(({ first }) => first)}; the first has cold caches)`,
  );
  console.log(
    `time to all points of the view: ${medianOf(opened.map(({ all }) => all)).toFixed(0)} ms (each: ${rounds(({ all }) => all)}), ${opened.at(-1)!.points} points drawn`,
  );
  console.log(
    `processor time until then, each: ${rounds((one) => one.page)} ms on the page's main thread, ${rounds((one) => one.server)} ms in the server`,
  );

  await page.evaluate(() => nearbox.stats().recentMs.splice(0));
  const [cpuBefore, framesBefore] = [
    await mainThreadMs(cdp),
    (await page.evaluate(() => nearbox.stats())).frames,
  ];
  const began = performance.now();
  for (let i = 0; i < TURN_STEPS; i++)
    await page.evaluate((left) => nearbox.run(left ? 'orbitLeft' : 'orbitRight'), i < TURN_STEPS / 2);
  await complete(page);
  const turned = await page.evaluate(() => nearbox.stats());
  const pictures = turned.frames - framesBefore;
  const perPicture = ((await mainThreadMs(cdp)) - cpuBefore) / pictures;
  const fps = (1000 * pictures) / (performance.now() - began);
  console.log(
    `a turning view: ${perPicture.toFixed(1)} ms of the main thread's processor time a picture (all of it: scripts, layout, decoding);` +
      ` drawing ${quantile(turned.recentMs, 0.5).toFixed(1)} ms p50, ${quantile(turned.recentMs, 0.95).toFixed(1)} ms p95 on the clock;` +
      ` ${fps.toFixed(1)} pictures a second, the last one ${turned.graphicsMs.toFixed(0)} ms in the works, with WebGL rendered in software`,
  );

  let mostLoaded = 0;
  for (const [dx, dy, radius] of JOURNEY) {
    const at = [0, 1].map((k) => {
      const half = (bounds.max[k]! - bounds.min[k]!) / 2;
      return bounds.min[k]! + half + [dx, dy][k]! * half;
    });
    const from = performance.now();
    await page.evaluate(([x, y, z, r]) => nearbox.lookAt([x!, y!, z!], r!), [...at, -1.7, radius]);
    await complete(page);
    const { points: drawn, loaded, budget } = await page.evaluate(() => nearbox.stats());
    mostLoaded = Math.max(mostLoaded, loaded);
    console.log(
      `at ${at.map((value) => value.toFixed(0)).join(', ')}, ${radius} m around: complete after ${(performance.now() - from).toFixed(0)} ms, ${drawn} points drawn, ${loaded} kept (budget ${budget})`,
    );
  }
  const heap = await page.evaluate(
    () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize,
  );
  console.log(
    `memory: ${(await memoryOf(browserCdp, 'renderer')).toFixed(0)} MiB resident in the page's process (${mebibytes(heap)} MiB of it JavaScript),` +
      ` ${(await memoryOf(browserCdp, 'GPU')).toFixed(0)} MiB in the process that draws; at most ${mostLoaded} points kept`,
  );
  console.log(machineLine());
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
