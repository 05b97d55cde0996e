import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import { type Box, iou3d, type Vec3 } from '../../inference/box.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { CAR, streetPoints } from '../testing.ts';
import type { PredictionAnswer, WireRegion } from './api/types.ts';
import type { Label } from './model/label.ts';
import type { PageState } from './session/state.ts';
import { chromiumPath, launchChromium } from './testing/chromium.ts';
import { type FakeService, startFakeService } from './testing/fake-service.ts';
import { held } from './testing/held.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
const hasBrowser = chromiumPath() !== undefined;

/** What the page offers to whoever embeds it; see main.ts. */
interface Face {
  readonly state: PageState;
  labels(): Label[];
  project(place: Vec3, view?: string): [number, number] | null;
  lookAt(place: Vec3, radius: number): void;
  stats(): { points: number; complete: boolean; frames: number };
}
declare const nearbox: Face;

const TRUTH: Box = { center: [...CAR.center], size: [...CAR.size], yaw: CAR.yaw };
/** On the side of the block that has points. */
const ON_BLOCK: Vec3 = [8.2, 3.0, -0.9];

const answer = (change: Partial<PredictionAnswer> = {}): PredictionAnswer => ({
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

it('has a Chromium to be tested with, where one is required', () => {
  if (isRequired) expect(chromiumPath()).toBeDefined();
});

describe.runIf(hasBrowser || isRequired)('the annotation page', { timeout: 90_000 }, () => {
  let folder: string;
  let service: FakeService;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let hosts: Set<string>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-page-'));
    const inputs = ['000', '001', '002'].map((name) => path.join(folder, `${name}.bin`));
    const points = streetPoints();
    for (const input of inputs) await writeFile(input, new Uint8Array(points.buffer));
    await buildClouds(inputs, path.join(folder, 'clouds'), { encoding: 'binary' });
    service = await startFakeService(path.join(folder, 'clouds'));
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    service.asked.length = 0;
    service.prefetched.length = 0;
    service.key = null;
    service.predict = async () => answer();
    context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
    complaints = [];
    hosts = new Set();
    context.on('request', (request) => hosts.add(new URL(request.url()).host));
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(error.error().message));
    page = await context.newPage();
    await open();
  }, 90_000);

  afterEach(async () => {
    await context?.close();
  });

  async function open(): Promise<void> {
    await page.goto(service.url);
    await complete();
  }

  async function complete(): Promise<void> {
    await page.waitForFunction(
      () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0,
    );
  }

  const labels = () => page.evaluate(() => nearbox.labels());
  const state = () => page.evaluate(() => nearbox.state);
  const selected = async () => (await labels()).find(({ id }) => id === '1')!;
  const text = (id: string) => page.locator(`#${id}`).textContent();
  const until = (holds: () => boolean) => page.waitForFunction(holds);
  const has = (count: number) => page.waitForFunction((n) => nearbox.labels().length === n, count);

  async function pixel(place: Vec3, view = 'main'): Promise<[number, number]> {
    const found = await page.evaluate(([at, name]) => nearbox.project(at as Vec3, name as string), [
      place,
      view,
    ] as const);
    return found!;
  }

  async function clickBlock(): Promise<void> {
    await page.mouse.click(...(await pixel(ON_BLOCK)));
    await has(1);
  }

  it('opens with points, from this host alone, without a complaint', async () => {
    expect(await text('points')).toMatch(/points/);
    expect(await text('frame-title')).toContain('000 (1 of 3)');
    expect([...hosts]).toEqual([new URL(service.url).host]);
    expect(complaints).toEqual([]);
  });

  it('warms up the next frames while the annotator works', async () => {
    await expect.poll(() => service.prefetched, { timeout: 20_000 }).toEqual(['001', '002']);
  });

  it('fits a 1366x768 screen: nothing scrolls, every control is in it', async () => {
    const outside = await page.evaluate(() => {
      const wide =
        document.documentElement.scrollWidth > innerWidth ||
        document.documentElement.scrollHeight > innerHeight;
      const buttons = [
        ...document.querySelectorAll('#bar button, #inspector button, #inspector input, #right .view'),
      ];
      const off = buttons.filter((element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
      });
      return { wide, off: off.map((element) => element.outerHTML) };
    });
    expect(outside).toEqual({ wide: false, off: [] });
  });

  it('has a name for every control', async () => {
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, select, [tabindex]')]
        .filter((element) => {
          const label = element.getAttribute('aria-label') ?? element.textContent?.trim();
          const isLabelled = element.closest('label')?.textContent?.trim();
          return !label && !isLabelled;
        })
        .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
  });

  it('click: a marker waits, the box comes selected, the small print says what it took', async () => {
    const waiting = held<PredictionAnswer>();
    service.predict = () => waiting.promise;
    await page.mouse.click(...(await pixel(ON_BLOCK)));
    await page.waitForSelector('#view-main .marker');
    expect(await text('timing')).toBe('fitting…');
    waiting.resolve(answer());
    await has(1);
    expect(await page.locator('#view-main .marker').count()).toBe(0);
    const [question] = service.asked;
    expect(question).toMatchObject({ cloud: '000', region: { type: 'click' } });
    const { position } = question!.region as { position: Vec3 };
    expect(Math.hypot(...position.map((value, k) => value - ON_BLOCK[k]!))).toBeLessThan(0.6);
    expect((await state()).selected).toBe('1');
    expect(await text('timing')).toMatch(
      /^box in \d+ ms · resolve 1 · fetch 4 .* 9 nodes: 7 memory, 2 origin · model 0\.93$/,
    );
    expect(await page.locator('.box.selected .name').first().textContent()).toMatch(
      /^car 1 · 0\.93 · \d+ points$/,
    );
    expect(await text('origin')).toMatch(/network · score 0\.93/);
  });

  it('accepts with Space and Enter, rejects with Esc, and goes on', async () => {
    await clickBlock();
    await page.keyboard.press('Space');
    expect(await selected()).toMatchObject({ state: 'accepted' });
    expect((await state()).selected).toBeNull();
    service.predict = async () => answer({ box: { ...TRUTH, center: [-5, -5, -1] } });
    await page.mouse.click(...(await pixel([-6, -2, -1.7])));
    await has(2);
    expect(service.asked[1]!.boxes).toEqual([TRUTH]);
    await page.keyboard.press('Escape');
    await has(1);
    await page.mouse.click(...(await pixel(ON_BLOCK)));
    await until(() => nearbox.state.selected === '1');
    expect(service.asked).toHaveLength(2);
  });

  it('undoes and redoes edits by keys, numbers and class', async () => {
    await clickBlock();
    await page.hover('#view-top');
    await page.keyboard.press('w');
    await page.keyboard.press('w');
    const [x, y] = TRUTH.center;
    const movedBox = (await selected()).box;
    expect(Math.hypot(movedBox.center[0] - x, movedBox.center[1] - y)).toBeCloseTo(0.2, 6);
    await page.keyboard.press('q');
    await page.keyboard.press('Shift+D');
    await page.keyboard.press('3');
    await page.fill('#size-0', '5.25');
    await page.keyboard.press('Enter');
    const edited = await selected();
    expect(edited).toMatchObject({ class: 'truck', edited: true });
    expect(edited.box.size[0]).toBe(5.25);
    expect(edited.box.size[1]).toBeCloseTo(TRUTH.size[1] + 0.05, 9);
    expect(edited.box.yaw).toBeCloseTo(TRUTH.yaw + Math.PI / 180, 9);
    // Two presses of a key are one step, unless the machine is too slow for that.
    let steps = 0;
    for (; (await selected()).edited || (await selected()).class !== 'car'; steps++)
      await page.keyboard.press('Control+z');
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(await selected()).toMatchObject({ box: TRUTH, class: 'car', edited: false });
    for (let i = 0; i < steps; i++) await page.keyboard.press('Control+Shift+z');
    expect(await selected()).toEqual(edited);
  });

  it('moves, resizes and turns by handles in the side views; one drag is one step', async () => {
    await clickBlock();
    await page.waitForSelector('#view-top .handle');
    const drag = async (selector: string, dx: number, dy: number) => {
      const { x, y, width, height } = (await page.locator(selector).boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + width / 2 + dx / 2, y + height / 2 + dy / 2);
      await page.mouse.move(x + width / 2 + dx, y + height / 2 + dy);
      await page.mouse.up();
    };
    await drag('#view-top .handle[data-face="0 1"]', 0, -20);
    const longer = (await selected()).box;
    expect(longer.size[0]).toBeGreaterThan(TRUTH.size[0] + 0.1);
    expect(longer.size[1]).toBe(TRUTH.size[1]);
    await drag('#view-rear .handle[data-face="0 1"]', 0, -15);
    expect((await selected()).box.size[2]).toBeGreaterThan(TRUTH.size[2] + 0.05);
    await drag('#view-top .knob', 30, 10);
    expect((await selected()).box.yaw).toBeLessThan(TRUTH.yaw - 0.05);
    await drag('#view-side .body', 12, 0);
    const moved = (await selected()).box;
    expect(moved.size).toEqual((await selected()).box.size);
    for (let i = 0; i < 4; i++) await page.keyboard.press('Control+z');
    expect((await selected()).box).toEqual(TRUTH);
    expect(service.asked).toHaveLength(1);
  });

  it('snaps, tightens, flips, sits on the ground and keeps the size', async () => {
    const loose: Box = { center: [10, 4, -0.7], size: [5.2, 2.8, 1.6], yaw: 0.3 };
    service.predict = async () => answer({ box: loose });
    await clickBlock();
    await page.keyboard.press('g');
    let { box } = await selected();
    expect(box.center[2] - box.size[2] / 2).toBeCloseTo(-1.7, 1);
    await page.keyboard.press('x');
    expect(Math.cos((await selected()).box.yaw - 0.3)).toBeCloseTo(-1, 9);
    await page.keyboard.press('x');
    await page.hover('#view-top');
    await page.keyboard.press('Shift+ArrowDown');
    box = (await selected()).box;
    expect(box.size[0]).toBeLessThan(4.8);
    await page.keyboard.press('t');
    // Only two sides of the car are seen: the box goes round their points, not round the car.
    const tight = (await selected()).box;
    for (const axis of [0, 1, 2] as const)
      expect(tight.size[axis]).toBeLessThanOrEqual(box.size[axis] + 0.05);
    expect(iou3d(tight, TRUTH)).toBeGreaterThan(0.4);
    await page.keyboard.press('o');
    const kept = (await selected()).box.size;
    service.predict = async (request) => answer({ box: { ...TRUTH, size: request.size! } });
    await page.keyboard.press('f');
    await until(() => nearbox.labels()[0]!.edited === false);
    expect(service.asked.at(-1)).toMatchObject({ region: { type: 'box' }, size: kept, class: 'car' });
    expect((await selected()).box.size).toEqual(kept);
  });

  it('drags a rough box with Shift: what was drawn is asked for', async () => {
    const from = await pixel([7.4, 2.2, -1.7]);
    const to = await pixel([12.6, 5.8, -1.7]);
    await page.keyboard.down('Shift');
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    await page.waitForSelector('#view-main .drawn');
    await page.mouse.move(...to);
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await has(1);
    const { region } = service.asked[0]!;
    expect(region.type).toBe('box');
    const drawn = region as unknown as Box;
    expect(drawn.center[0]).toBeCloseTo(10, 0);
    expect(drawn.center[1]).toBeCloseTo(4, 0);
    expect(drawn.size[0]).toBeGreaterThan(4);
    expect(drawn.size[2]).toBeGreaterThan(1.2);
  });

  it('lassoes with Alt: a frustum, and in simpler words where the server cannot read it', async () => {
    service.predict = async ({ region }) => {
      if (region.type === 'frustum') throw new NearboxError('not_implemented', 'no frustum yet');
      return answer();
    };
    const middle = await pixel([9.2, 3.4, -0.9]);
    await page.keyboard.down('Alt');
    await page.mouse.move(middle[0] + 60, middle[1]);
    await page.mouse.down();
    for (let i = 1; i <= 24; i++) {
      const angle = (i / 24) * 2 * Math.PI;
      await page.mouse.move(middle[0] + 60 * Math.cos(angle), middle[1] + 60 * Math.sin(angle));
    }
    await page.mouse.up();
    await page.keyboard.up('Alt');
    await has(1);
    const [first, second] = service.asked;
    const frustum = first!.region as Extract<WireRegion, { type: 'frustum' }>;
    expect(frustum.type).toBe('frustum');
    expect(frustum.viewProjection).toHaveLength(16);
    expect(frustum.ring.every(([x, y]) => Math.abs(x!) <= 1 && Math.abs(y!) <= 1)).toBe(true);
    // The matrix takes the lassoed place into the ring's middle.
    const [m, p] = [frustum.viewProjection, [9.2, 3.4, -0.9, 1]];
    const clip = [0, 1, 3].map((row) => p.reduce((sum, value, k) => sum + m[4 * k + row]! * value, 0));
    const ringX = frustum.ring.map(([x]) => x!);
    expect(clip[0]! / clip[2]!).toBeGreaterThan(Math.min(...ringX));
    expect(clip[0]! / clip[2]!).toBeLessThan(Math.max(...ringX));
    expect(second!.region.type).toBe('box');
  });

  it('says so when the answer is late, unsure or not to be had, and has a box all the same', async () => {
    service.predict = async () => {
      throw new NearboxError('overloaded', 'too busy');
    };
    await clickBlock();
    expect(await selected()).toMatchObject({ method: 'local', note: expect.stringContaining('too busy') });
    expect(iou3d((await selected()).box, TRUTH)).toBeGreaterThan(0.3);
    expect(await text('message')).toContain('fitted geometrically');
    await page.keyboard.press('Escape');
    await has(0);

    service.predict = async () => answer({ method: 'geometric', fallback: 'the network failed', score: 0.3 });
    await clickBlock();
    expect(await text('note')).toContain('the network failed');
    expect(await page.locator('#view-main .box.unsure').count()).toBe(1);
    expect(await page.locator('.box.unsure .name').first().textContent()).toContain('unsure 0.30');
    await page.keyboard.press('Escape');
    await has(0);

    const late = held<PredictionAnswer>();
    service.predict = () => late.promise;
    await page.mouse.click(...(await pixel(ON_BLOCK)));
    await has(1);
    expect(await text('message')).toContain('late');
    late.resolve(answer());
    await until(() => nearbox.labels()[0]!.method === 'model');
  });

  it('keeps object ids in the next frame', async () => {
    await clickBlock();
    await page.keyboard.press('Space');
    await page.keyboard.press('n');
    await page.keyboard.press('y');
    await until(() => nearbox.state.frame === '001' && nearbox.labels().length === 1);
    expect(await selected()).toMatchObject({ id: '1', box: TRUTH, state: 'draft', method: 'copied' });
    await complete();
    expect(await text('frame-title')).toContain('001 (2 of 3)');
    await page.locator('#frame-slider').fill('2');
    await until(() => nearbox.state.frame === '002');
    await page.click('#frame-list button[data-frame="000"]');
    await until(() => nearbox.state.frame === '000' && nearbox.labels()[0]!.state === 'accepted');
    await page.keyboard.press('Control+z');
    await until(() => nearbox.state.frame === '001' && nearbox.labels().length === 0);
  });

  it.each(['openlabel', 'kitti', 'nuscenes', 'json'])('exports %s and imports it again', async (format) => {
    await clickBlock();
    await page.keyboard.press('Space');
    const download = page.waitForEvent('download');
    await page.click('#export summary');
    await page.click(`#export-menu [data-format="${format}"]`);
    const file = path.join(folder, `${format}-${(await download).suggestedFilename()}`);
    await (await download).saveAs(file);
    expect((await readFile(file)).byteLength).toBeGreaterThan(100);
    await page.keyboard.press('n');
    await page.keyboard.press('Delete');
    await has(0);
    await page.setInputFiles('#import-files', file);
    await has(1);
    const [label] = await labels();
    expect(label).toMatchObject({ id: '1', class: 'car', state: 'accepted' });
    expect(iou3d(label!.box, TRUTH)).toBeGreaterThan(0.999);
    await page.keyboard.press('Control+z');
    await has(0);
  });

  it('has the work again after a reload', async () => {
    await clickBlock();
    await page.keyboard.press('x');
    const before = await labels();
    await page.reload();
    await complete();
    expect(await labels()).toEqual(before);
    expect((await state()).selected).toBe('1');
  });

  it('can be used with the keyboard alone', async () => {
    await page.evaluate((at) => nearbox.lookAt(at, 8), ON_BLOCK);
    await complete();
    await page.focus('#view-main');
    await page.keyboard.press('h');
    await has(1);
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    expect(await selected()).toMatchObject({ class: 'van', state: 'accepted' });
    await page.keyboard.press('.');
    await until(() => nearbox.state.frame === '001');
    await page.keyboard.press('?');
    expect(await page.locator('dialog.sheet').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog.sheet').isVisible()).toBe(false);
  });

  it('colours by height, intensity, distance and class, dark and light', async () => {
    await clickBlock();
    for (const mode of ['intensity', 'distance', 'class', 'height']) {
      await page.keyboard.press('m');
      expect((await state()).colour).toBe(mode);
    }
    await page.selectOption('#theme', 'light');
    expect(await page.getAttribute('html', 'data-look')).toBe('light');
    await page.selectOption('#theme', 'dark');
    expect(await page.getAttribute('html', 'data-look')).toBe('dark');
    expect(complaints).toEqual([]);
  });

  it('asks for a key where the server wants one', async () => {
    service.key = 'sesame';
    await page.goto(service.url);
    await page.fill('#key-input', 'sesame');
    await page.click('#key-dialog button[value=ok]');
    await complete();
    expect((await state()).frames).toHaveLength(3);
  });
});
