/** The page in a real Chromium, on three small frames and a server whose predictions the test makes. Each test gets a fresh browser profile. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { buildClouds } from '../../../octree/build/index.ts';
import { CAR, streetPoints } from '../../testing/index.ts';
import type { PredictionAnswer } from '../api/index.ts';
import type { Label } from '../model/index.ts';
import type { PageState } from '../session/index.ts';
import type { TestApi } from '../test-api.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { type FakeService, startFakeService } from './fake-service.ts';

declare const nearbox: TestApi;

export const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
/** False where the tests of the page are to be left out. */
export const canTest = chromiumPath() !== undefined || isRequired;

/** Coarser than a scanner's, so that WebGL in software has less to draw. */
const COLUMN_DEGREES = 0.5;
/** Looks so often whether a wait is over; at every picture, as is the default, costs more than the page itself. */
const polling = { polling: 60 };

/** The car of every frame. */
export const TRUTH: Box = { center: [...CAR.center], size: [...CAR.size], yaw: CAR.yaw };
/** On the side of it that has points. */
export const ON_CAR: Vec3 = [8.2, 3.0, -0.9];
export const FRAMES = ['000', '001', '002'] as const;

export const answer = (change: Partial<PredictionAnswer> = {}): PredictionAnswer => ({
  id: 'p1',
  box: TRUTH,
  class: 'car',
  score: 0.93,
  method: 'model',
  points: { region: 5120, inside: 412 },
  ground: -1.7,
  cost: { nodes: 9, bytes: 180_233, memory: 7, disk: 0, origin: 2 },
  timings: { totalMs: 24, resolveMs: 1, fetchMs: 4, decodeMs: 6, cropMs: 2, queueMs: 0, inferMs: 11 },
  ...change,
});

export class PageFixture {
  folder!: string;
  service!: FakeService;
  page!: Page;
  context!: BrowserContext;
  /** What the browser's console says is wrong. */
  complaints: string[] = [];
  /** Hosts that anything was asked of. */
  hosts = new Set<string>();

  async open(): Promise<void> {
    await this.page.goto(this.service.url);
    await this.complete();
  }

  /** Waits until the camera rests and all points are there. */
  async complete(): Promise<void> {
    await this.page.waitForFunction(
      () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0,
      undefined,
      polling,
    );
    // What a busy machine makes late is not what these tests are about.
    await this.page.evaluate(() => nearbox.setLateAfter(60_000));
  }

  labels(): Promise<readonly Label[]> {
    return this.page.evaluate(() => nearbox.labels());
  }

  state(): Promise<PageState> {
    return this.page.evaluate(() => nearbox.state);
  }

  /** The box with an id in the open frame. */
  async label(id = '1'): Promise<Label> {
    return (await this.labels()).find((label) => label.id === id)!;
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? '';
  }

  until(holds: () => boolean): Promise<unknown> {
    return this.page.waitForFunction(holds, undefined, polling);
  }

  /** Waits for so many boxes in the open frame. */
  has(count: number): Promise<unknown> {
    return this.page.waitForFunction((n) => nearbox.labels().length === n, count, polling);
  }

  async pixel(place: Vec3, view: 'main' | 'top' | 'side' | 'rear' = 'main'): Promise<[number, number]> {
    const found = await this.page.evaluate(([at, name]) => nearbox.project(at, name), [place, view] as const);
    return [...found!];
  }

  /** Clicks the car and has its box. */
  async clickCar(): Promise<void> {
    await this.page.mouse.click(...(await this.pixel(ON_CAR)));
    await this.has(1);
  }

  /** Drags from one pixel to another with a key held down; `halfway` looks at what is shown meanwhile. */
  async drag(
    from: readonly [number, number],
    to: readonly [number, number],
    { key, halfway }: { key?: 'Shift' | 'Alt'; halfway?: () => Promise<unknown> } = {},
  ): Promise<void> {
    const { mouse, keyboard } = this.page;
    if (key !== undefined) await keyboard.down(key);
    await mouse.move(...from);
    await mouse.down();
    await mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    await halfway?.();
    await mouse.move(...to);
    await mouse.up();
    if (key !== undefined) await keyboard.up(key);
  }

  /** Draws a lasso around a pixel. */
  async lasso([x, y]: readonly [number, number], radius: number): Promise<void> {
    const { mouse, keyboard } = this.page;
    await keyboard.down('Alt');
    await mouse.move(x + radius, y);
    await mouse.down();
    for (let i = 1; i <= 16; i++) {
      const angle = (i / 16) * 2 * Math.PI;
      await mouse.move(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    await mouse.up();
    await keyboard.up('Alt');
  }
}

/** To be called in a `describe`: opens the page before each test, and after it looks that nothing else was asked of anyone. */
export function usePage(): PageFixture {
  const fixture = new PageFixture();
  let browser: Browser;

  beforeAll(async () => {
    fixture.folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-page-'));
    const inputs = FRAMES.map((name) => path.join(fixture.folder, `${name}.bin`));
    const points = streetPoints(COLUMN_DEGREES);
    for (const input of inputs) await writeFile(input, new Uint8Array(points.buffer));
    const clouds = path.join(fixture.folder, 'clouds');
    await buildClouds(inputs, clouds, { encoding: 'binary' });
    fixture.service = await startFakeService(clouds);
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await fixture.service?.close();
    await rm(fixture.folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    const { service } = fixture;
    await service.stop();
    service.asked.length = 0;
    service.prefetched.length = 0;
    service.key = null;
    service.hasLabels = false;
    service.labels.clear();
    service.labelsTrouble = null;
    service.labelWrites = 0;
    service.delayMs = 0;
    await service.start();
    service.predict = async () => answer();
    fixture.complaints = [];
    fixture.hosts = new Set();
    const context = await browser.newContext({
      viewport: { width: 1366, height: 768 },
      acceptDownloads: true,
    });
    context.on('request', (request) => fixture.hosts.add(new URL(request.url()).host));
    context.on('console', (message) => {
      if (message.type() === 'error') fixture.complaints.push(message.text());
    });
    context.on('weberror', (error) => fixture.complaints.push(error.error().message));
    fixture.context = context;
    fixture.page = await context.newPage();
    await fixture.open();
  }, 90_000);

  afterEach(async () => {
    await fixture.context?.close();
    // A download is a blob of the page itself, which has no host.
    fixture.hosts.delete('');
    expect([...fixture.hosts]).toEqual([new URL(fixture.service.url).host]);
  });

  return fixture;
}
