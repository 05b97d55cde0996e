/** What is shown, on the real server: filters, hidden and isolated objects, names, and points left out. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Vec3 } from '../../inference/boxes/index.ts';
import type { RunningServer } from '../server/index.ts';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest, painted } from './testing/fixture/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('what the page shows', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let on: RealPage;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages();
  }, 180_000);
  beforeEach(async () => {
    on = await RealPage.open(browser, server, '000000');
  }, 180_000);
  afterEach(() => on?.close());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const named = () => on.page.locator('#view-main .box .name').allTextContents();
  const shown = () => on.page.locator('#view-main g.box').count();
  /** Pixels around a place on which something is drawn. */
  async function pixels(place: Vec3, radius = 30): Promise<number> {
    const [x, y] = await on.pixel(place);
    const data = await painted(on.page, {
      x: x - radius,
      y: y - radius,
      width: 2 * radius,
      height: 2 * radius,
    });
    const background = await on.page.evaluate(() =>
      getComputedStyle(document.querySelector('#canvas')!).backgroundColor.match(/\d+/g)!.map(Number),
    );
    let drawn = 0;
    for (let i = 0; i < data.length; i += 4)
      if (background.some((value, channel) => data[i + channel] !== value)) drawn += 1;
    return drawn;
  }

  /** Of the drawn pixels around a place, the share that has the colour which most of them have. */
  async function shareOfOneColour(place: Vec3): Promise<number> {
    const [x, y] = await on.pixel(place);
    const data = await painted(on.page, { x: x - 40, y: y - 40, width: 80, height: 80 });
    const counts = new Map<string, number>();
    for (let i = 0; i < data.length; i += 4) {
      const colour = [...data.slice(i, i + 3)].join();
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    // The background first.
    const [, most = 0, ...others] = [...counts.values()].sort((a, b) => b - a);
    return most / others.reduce((sum, count) => sum + count, most);
  }

  it('filters, hides and isolates boxes; names are full, short or off', async () => {
    const cars = await demoObjects(0);
    const first = await on.click(cars[0]!);
    await on.press('Space');
    const second = await on.click(cars[1]!);
    expect(await shown()).toBe(2);
    await on.press('Escape');
    await on.press('/');
    await on.page.keyboard.type('status:draft');
    await on.press('Escape');
    await on.until(() => document.querySelectorAll('#view-main g.box').length === 1);
    expect(await on.page.textContent('#object-count')).toBe('1 of 2');
    await on.press('n');
    expect((await on.state()).selected).toBe(second.id);
    await on.press('n');
    expect((await on.state()).selected).toBe(second.id);
    await on.page.fill('#filter', 'score<x');
    expect(await on.page.getAttribute('#filter', 'aria-invalid')).toBe('true');
    await on.press('Escape');
    await on.until(() => document.querySelectorAll('#view-main g.box').length === 2);
    await on.press('Shift+K');
    await on.until(() => document.querySelectorAll('#view-main g.box').length === 1);
    await on.press('Alt+k');
    await on.until(() => document.querySelectorAll('#view-main g.box').length === 2);
    await on.press('n');
    expect(await named()).toContainEqual(expect.stringMatching(/^car /));
    await on.press('Shift+T');
    await on.until(() =>
      [...document.querySelectorAll('#view-main .box .name')].every((name) => !/car/.test(name.textContent)),
    );
    expect(await named()).toContain(first.id);
    await on.press('Shift+T');
    await on.until(() =>
      [...document.querySelectorAll('#view-main .box .name')].every((name) => name.textContent === ''),
    );
    await on.press('Shift+X');
    await on.until(() => document.querySelectorAll('#view-main g.box').length === 1);
    expect(await on.page.getAttribute('#isolate', 'aria-pressed')).toBe('true');
    expect(on.complaints).toEqual([]);
  });

  it('measures between two clicks, with the height', async () => {
    const [car] = await demoObjects(0);
    const { box } = await on.click(car!);
    const [x, y, z] = box.center;
    const bottom = z - box.size[2] / 2;
    await on.press('Escape');
    await on.page.evaluate((at) => nearbox.lookAt(at, 12), box.center);
    await on.complete();
    await on.press('Shift+Q');
    await on.page.mouse.click(...(await on.pixel([x, y - 3, bottom])));
    await on.until(() => nearbox.state.measured.length === 1);
    await on.page.mouse.click(...(await on.pixel([x, y - 7, bottom])));
    await on.until(() => nearbox.state.measured.length === 2);
    const [from, to] = (await on.state()).measured as [Vec3, Vec3];
    const far = Math.hypot(...from.map((value, k) => value - to[k]!));
    expect(Math.abs(far - 4)).toBeLessThan(1);
    const text = await on.page.locator('#view-main .measure .name').textContent();
    expect(text).toMatch(new RegExp(`^${far.toFixed(2)} m · [0-9.]+ m level · [0-9.]+ m (up|down)$`));
    expect(await on.page.textContent('#message')).toBe(text);
    await on.press('Escape');
    expect(await on.state()).toMatchObject({ tool: 'click', measured: [] });
    expect(await on.labels()).toHaveLength(1);
  });

  it('leaves out points above a height, and spreads the colours of intensity over a range', async () => {
    const [car] = await demoObjects(0);
    const { box } = await on.click(car!);
    await on.press('Escape');
    const [x, y, z] = box.center;
    const roof: Vec3 = [x, y, z + box.size[2] / 2];
    const beside: Vec3 = [x, y - 4.5, z - box.size[2] / 2];
    await on.page.evaluate((at) => nearbox.lookAt(at, 18), box.center);
    await on.complete();
    const ofGround = await pixels(beside);
    // Else the ground shows where the roof was.
    await on.press('Alt+g');
    await on.complete();
    const ofRoof = await pixels(roof, 10);
    expect(ofRoof).toBeGreaterThan(10);
    await on.page.click('#view-menu summary');
    await on.page.fill('#height-to', (z - box.size[2] / 2 + 0.3).toFixed(1));
    await on.press('Escape');
    expect(await pixels(roof, 10)).toBeLessThan(ofRoof / 2);
    await on.press('Alt+g');
    await on.complete();
    expect(await pixels(beside)).toBeGreaterThan(ofGround * 0.7);
    await on.press('Alt+k');

    await on.page.selectOption('#colour', 'intensity');
    await on.complete();
    const spread = await shareOfOneColour(beside);
    await on.page.click('#view-menu summary');
    await on.page.fill('#intensity-low', '0');
    await on.page.fill('#intensity-high', '5');
    await on.press('Escape');
    await on.complete();
    expect((await on.state()).display.intensity).toEqual([0, 0.05]);
    expect(await shareOfOneColour(beside)).toBeGreaterThan(spread + 0.3);
    expect(on.complaints).toEqual([]);
  });

  it('leaves out points: heights, the ground, a region, all but an object’s surroundings', async () => {
    const [car] = await demoObjects(0);
    const { box } = await on.click(car!);
    await on.press('Escape');
    const [x, y, z] = box.center;
    const bottom = z - box.size[2] / 2;
    const beside: Vec3 = [x, y - 4.5, bottom];
    await on.page.evaluate((at) => nearbox.lookAt(at, 18), box.center);
    await on.complete();
    const all = await pixels(beside);
    expect(all).toBeGreaterThan(100);

    await on.press('Alt+g');
    await on.complete();
    expect(await pixels(beside)).toBeLessThan(all / 2);
    expect(await pixels([x, y, z])).toBeGreaterThan(100);
    await on.press('Alt+k');
    expect(await pixels(beside)).toBeGreaterThan(all * 0.9);

    await on.page.click('#view-menu summary');
    await on.page.fill('#height-from', String((bottom + 0.5).toFixed(1)));
    await on.page.fill('#point-size', '4');
    await on.press('Escape');
    expect(await pixels(beside)).toBeLessThan(all / 2);
    expect((await on.state()).display.pointSize).toBe(4);
    await on.press('Alt+k');

    await on.press('n');
    await on.press('Shift+X');
    const far: Vec3 = [x, y - 9, bottom];
    expect(await pixels(far)).toBe(0);
    await on.press('Shift+X');
    expect(await pixels(far)).toBeGreaterThan(0);
    await on.press('Escape');

    await on.press('Alt+x');
    const corners = [await on.pixel([x - 6, y - 6, bottom]), await on.pixel([x + 6, y + 6, bottom])] as const;
    await on.page.mouse.move(...corners[0]);
    await on.page.mouse.down();
    await on.page.mouse.move(...corners[1]);
    await on.page.mouse.up();
    await on.until(() => nearbox.state.display.region !== null);
    expect(await pixels(far)).toBe(0);
    expect(await pixels([x, y, z])).toBeGreaterThan(100);
    expect((await on.state()).tool).toBe('click');
    expect(await on.labels()).toHaveLength(1);
    expect(on.complaints).toEqual([]);
  });
});
