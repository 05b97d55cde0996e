/**
 * What the annotation page costs in a real Chromium with WebGL in software: time to the first points and to all of them, points drawn,
 * main-thread milliseconds a picture, and the time from mouse-up to the drawn box. `npx tsx bench/page.ts [--points 5000000] [--clicks 30]`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseServeConfig } from '../app/config.ts';
import { silentLog } from '../app/log.ts';
import { launchChromium } from '../app/page/testing/chromium.ts';
import { startServer } from '../app/server.ts';
import { streetPoints } from '../app/testing.ts';
import { buildClouds } from '../octree/build/index.ts';
import { machineLine, quantile } from './machine.ts';

const { values } = parseArgs({
  options: { points: { type: 'string', default: '5000000' }, clicks: { type: 'string', default: '30' } },
});

interface Face {
  readonly state: { readonly answer: { readonly roundTripMs: number } | null };
  labels(): { readonly id: string }[];
  run(action: string): boolean;
  project(place: readonly [number, number, number]): [number, number] | null;
  lookAt(place: readonly [number, number, number], radius: number): void;
  stats(): { points: number; complete: boolean; recentMs: number[]; intervalMs: number };
}
declare const nearbox: Face;

const SPACING = 60;

/** Streets side by side, each with its block, until there are so many points. */
function town(count: number): { points: Float32Array; blocks: [number, number, number][] } {
  const street = streetPoints();
  const copies = Math.ceil((4 * count) / street.length);
  const side = Math.ceil(Math.sqrt(copies));
  const points = new Float32Array(copies * street.length);
  const blocks: [number, number, number][] = [];
  for (let copy = 0; copy < copies; copy++) {
    const [dx, dy] = [((copy % side) - side / 2) * SPACING, (Math.floor(copy / side) - side / 2) * SPACING];
    for (let i = 0; i < street.length; i += 4) {
      // The second decimal differs between copies, or nodes of equal points would be unlike any real cloud.
      const jitter = ((copy * 7919 + i) % 97) / 2000;
      points.set(
        [street[i]! + dx + jitter, street[i + 1]! + dy + jitter, street[i + 2]!, street[i + 3]!],
        copy * street.length + i,
      );
    }
    blocks.push([8.2 + dx, 3 + dy, -0.9]);
  }
  return { points, blocks };
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-bench-page-'));
const file = path.join(folder, 'town.bin');
const { points, blocks } = town(Number(values.points));
await writeFile(file, points);
const [built] = (await buildClouds([file], path.join(folder, 'clouds'))).clouds;
console.log(
  `cloud: ${built!.points} points, ${built!.nodes} nodes, ${(built!.bytes / 2 ** 20).toFixed(0)} MiB`,
);
const server = await startServer(
  parseServeConfig({ clouds: path.join(folder, 'clouds'), port: 0 }),
  silentLog,
);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  const complete = () =>
    page.waitForFunction(() => 'nearbox' in globalThis && nearbox.stats().complete, undefined, {
      timeout: 300_000,
    });

  await page.goto(`${server.url}/?cloud=town`);
  await complete();
  const opened = await page.evaluate(() => ({
    first: performance.getEntriesByName('nearbox:first-points')[0]!.startTime,
    all: performance.now(),
    points: nearbox.stats().points,
  }));
  console.log(`time to first points: ${opened.first.toFixed(0)} ms after navigation`);
  console.log(`time to all points of the view: ${opened.all.toFixed(0)} ms, ${opened.points} points drawn`);

  await page.evaluate(() => nearbox.stats().recentMs.splice(0));
  for (let i = 0; i < 40; i++)
    await page.evaluate((left) => nearbox.run(left ? 'orbitLeft' : 'orbitRight'), i < 20);
  await complete();
  const frames = await page.evaluate(() => nearbox.stats());
  const moving = frames.recentMs;
  console.log(
    `main thread: ${quantile(moving, 0.5).toFixed(1)} ms p50, ${quantile(moving, 0.95).toFixed(1)} ms p95 a picture over ${moving.length} pictures of a turning view;` +
      ` last interval ${frames.intervalMs.toFixed(0)} ms (WebGL rendered in software)`,
  );

  const drawn: number[] = [];
  const answered: number[] = [];
  for (const block of blocks.slice(0, Number(values.clicks))) {
    await page.evaluate((place) => nearbox.lookAt(place, 20), block);
    await complete();
    const before = await page.evaluate(() => performance.getEntriesByName('nearbox:hint-to-box').length);
    const pixel = await page.evaluate((place) => nearbox.project(place), block);
    await page.mouse.click(...pixel!);
    await page.waitForFunction((n) => performance.getEntriesByName('nearbox:hint-to-box').length > n, before);
    const [ms, answerMs] = await page.evaluate(() => [
      performance.getEntriesByName('nearbox:hint-to-box').at(-1)!.duration,
      nearbox.state.answer?.roundTripMs ?? Number.NaN,
    ]);
    drawn.push(ms!);
    answered.push(answerMs!);
    await page.evaluate(() => nearbox.run('accept'));
  }
  console.log(
    `mouse-up to drawn box: ${quantile(drawn, 0.5).toFixed(0)} ms p50, ${quantile(drawn, 0.95).toFixed(0)} ms p95 over ${drawn.length} clicks`,
  );
  console.log(
    `of that until the answer: ${quantile(answered, 0.5).toFixed(0)} ms p50, ${quantile(answered, 0.95).toFixed(0)} ms p95`,
  );
  console.log(machineLine());
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
