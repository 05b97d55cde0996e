/** One object in many frames at a glance, on the real server: pictures, edits in place, keys. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrapAngle } from '../../inference/boxes/index.ts';
import type { RunningServer } from '../server/index.ts';
import { PICTURE } from './glance/index.ts';
import type { TestApi } from './test-api.ts';
import { Fingers, launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('an object in all frames', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let on: RealPage;
  let id: string;
  const regions: unknown[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages();
    on = await RealPage.open(browser, server, '000000');
    on.page.on('request', (request) => {
      if (request.url().endsWith('/v1/crops')) regions.push(request.postDataJSON());
    });
    const objects = await demoObjects(0, /./);
    ({ id } = await on.click(objects.find((object) => object.id === 'object-005')!));
    await on.press('i');
    await on.until(() => /boxes in 10 frames/.test(nearbox.state.message?.text ?? ''));
    await on.press('Shift+G');
    await on.page.waitForSelector('.glance-cell');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const cell = (frame: string): Locator => on.page.locator(`.glance-cell[data-frame="${frame}"]`);
  /** How many pixels of a cell have the colour of points in the box. */
  const pointPixels = (frame: string) =>
    cell(frame)
      .locator('canvas')
      .evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i]! > 200 && data[i + 1]! > 200) count += 1;
        return count;
      });
  const focusedFrame = () =>
    on.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.frame ?? null);

  it('has a picture of the points around the box in each frame that is in sight, with its status', async () => {
    await on.page.waitForFunction(
      () => document.querySelectorAll('.glance-cell[aria-label*="measured"]').length >= 8,
    );
    expect(await cell('000000').getAttribute('aria-label')).toBe('1 · keyframe, frame 000000');
    expect(await cell('000003').getAttribute('aria-label')).toMatch(/^4 · measured, 0\.\d\d, frame 000003$/);
    expect(await cell('000000').getAttribute('aria-selected')).toBe('true');
    await expect.poll(() => pointPixels('000000'), { timeout: 90_000 }).toBeGreaterThan(50);
    await expect.poll(() => pointPixels('000004'), { timeout: 90_000 }).toBeGreaterThan(50);
    const places = await on.page.locator('#glance').boundingBox();
    expect(places!.x + places!.width).toBeLessThanOrEqual(1366 - 300 + 1);
    expect(regions.length).toBeLessThanOrEqual(10);
  });

  it('is edited in place: a keyframe of that frame, its segment is fitted again, one undo takes it back', async () => {
    const before = await on.label(id, '000004');
    const area = (await cell('000004').locator('canvas').boundingBox())!;
    // The middle of the view from above: the body. The heading goes up.
    const [x, y] = [area.x + 39, area.y + PICTURE.height / 2];
    const begun = await on.tracksBegun();
    await on.page.mouse.move(x, y);
    await on.page.mouse.down();
    await on.page.mouse.move(x, y - 4);
    await on.page.mouse.move(x, y - 8);
    await on.page.mouse.up();
    const after = await on.label(id, '000004');
    expect(after).toMatchObject({ edited: true, track: { status: 'keyframe' } });
    const [dx, dy] = [after.box.center[0] - before.box.center[0], after.box.center[1] - before.box.center[1]];
    const ahead = dx * Math.cos(before.box.yaw) + dy * Math.sin(before.box.yaw);
    expect(ahead).toBeGreaterThan(0.2);
    expect(Math.hypot(dx, dy)).toBeCloseTo(ahead, 6);
    expect(after.box.size).toEqual(before.box.size);
    expect((await on.state()).frame).toBe('000000');
    await on.tracked(begun);
    expect(await cell('000004').getAttribute('aria-label')).toContain('keyframe');
    await on.press('Control+z');
    expect((await on.label(id, '000004')).box).toEqual(before.box);
    // The view from the right side: its upper edge is the top face.
    await on.page.keyboard.press('Escape');
    const side = (await cell('000004').locator('canvas').boundingBox())!;
    await on.page.mouse.move(side.x + 133, side.y + 26);
    const grip = () =>
      cell('000004')
        .locator('canvas')
        .evaluate((element) => element.style.cursor);
    let up = 26;
    while ((await grip()) === 'move' && up > 0) await on.page.mouse.move(side.x + 133, side.y + --up);
    expect(await grip()).toBe('crosshair');
    await on.page.mouse.down();
    await on.page.mouse.move(side.x + 133, side.y + up - 5);
    await on.page.mouse.up();
    const taller = (await on.label(id, '000004')).box;
    expect(taller.size[2]).toBeGreaterThan(before.box.size[2] + 0.1);
    expect(taller.center[2] - taller.size[2] / 2).toBeCloseTo(
      before.box.center[2] - before.box.size[2] / 2,
      6,
    );
    await on.press('Control+z');
    expect((await on.label(id, '000004')).box).toEqual(before.box);
  });

  it('is turned by the knob, and by keys in the cell alone', async () => {
    const before = await on.label(id, '000004');
    const open = await on.label(id, '000000');
    const area = (await cell('000004').locator('canvas').boundingBox())!;
    const middle = [area.x + 39, area.y + PICTURE.height / 2] as const;
    const cursor = () =>
      cell('000004')
        .locator('canvas')
        .evaluate((element) => element.style.cursor);
    let up = PICTURE.height / 2 - 1;
    do await on.page.mouse.move(middle[0], middle[1] - up--);
    while ((await cursor()) !== 'grab' && up > 0);
    expect(await cursor()).toBe('grab');
    const begun = await on.tracksBegun();
    await on.page.mouse.down();
    await on.page.mouse.move(middle[0] - up / 2, middle[1] - up);
    await on.page.mouse.move(middle[0] - up, middle[1] - up);
    await on.page.mouse.up();
    const turned = (await on.label(id, '000004')).box;
    // A quarter of a half turn, to the left.
    expect(wrapAngle(turned.yaw - before.box.yaw)).toBeGreaterThan(0.7);
    expect(wrapAngle(turned.yaw - before.box.yaw)).toBeLessThan(0.9);
    expect([turned.center, turned.size]).toEqual([before.box.center, before.box.size]);
    await on.tracked(begun);
    await on.press('Control+z');
    expect((await on.label(id, '000004')).box).toEqual(before.box);

    await cell('000004').focus();
    await on.press('e');
    const byKeys = (await on.label(id, '000004')).box;
    expect(wrapAngle(byKeys.yaw - before.box.yaw)).toBeCloseTo(-Math.PI / 180, 9);
    await on.press('t');
    expect(await on.page.textContent('#message')).toBe('Enter opens 000004. Until then this key has no box.');
    await on.press('Delete');
    expect((await on.label(id, '000004')).box).toEqual(byKeys);
    // A track that is fitted again may move it; no key has.
    expect(await on.label(id, '000000')).toMatchObject({ edited: false, box: { size: open.box.size } });
    await on.press('Control+z');
    expect((await on.label(id, '000004')).box).toEqual(before.box);
  });

  it('is edited by a finger on the box; a finger beside it scrolls', async () => {
    const before = await on.label(id, '000004');
    const fingers = await Fingers.on(on.page);
    const size = on.page.viewportSize()!;
    await on.page.setViewportSize({ width: size.width, height: 520 });
    await cell('000004').scrollIntoViewIfNeeded();
    const area = (await cell('000004').locator('canvas').boundingBox())!;
    const [x, y] = [area.x + 39, area.y + PICTURE.height / 2];
    const begun = await on.tracksBegun();
    await fingers.drag([x, y], [x, y - 8]);
    const after = await on.label(id, '000004');
    expect(after).toMatchObject({ edited: true, box: { size: before.box.size, yaw: before.box.yaw } });
    expect(after.box.center).not.toEqual(before.box.center);
    await on.tracked(begun);
    await on.press('Control+z');
    expect((await on.label(id, '000004')).box).toEqual(before.box);
    const cells = on.page.locator('#glance-cells');
    await cells.evaluate((element) => element.scrollTo(0, 0));
    const first = (await cell('000000').locator('canvas').boundingBox())!;
    const corner = [first.x + 4, first.y + 100] as const;
    await fingers.drag(corner, [corner[0], corner[1] - 80]);
    await expect.poll(() => cells.evaluate((element) => element.scrollTop)).toBeGreaterThan(20);
    expect((await on.label(id, '000000')).edited).toBe(false);
    await on.page.setViewportSize(size);
  });

  it('goes by keys from cell to cell, and Enter opens the frame', async () => {
    await cell('000000').focus();
    await on.press('ArrowRight');
    await on.press('ArrowRight');
    expect(await focusedFrame()).toBe('000002');
    await on.press('ArrowLeft');
    await on.press('ArrowDown');
    expect(await focusedFrame()).toBe('000005');
    await on.press('End');
    expect(await focusedFrame()).toBe('000009');
    await on.press('ArrowUp');
    expect(await focusedFrame()).toBe('000005');
    await on.press('Enter');
    await on.isOpen('000005');
    expect((await on.state()).selected).toBe(id);
    expect(await cell('000005').getAttribute('aria-selected')).toBe('true');
    await on.press('Shift+G');
    expect(await on.page.locator('#glance').isVisible()).toBe(false);
    expect(on.complaints).toEqual([]);
  });
});
