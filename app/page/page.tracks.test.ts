/** Sequences: boxes that are carried through frames on the real server, and what a hand does to tracks. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { iou3d } from '../../inference/boxes/index.ts';
import type { RunningServer } from '../server/index.ts';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

const FRAMES = Array.from({ length: 10 }, (_, k) => `00000${k}`);
/** With fewer points than that the demo's own boxes are not judged. */
const SEEN_POINTS = 100;
/** What the page draws is awaited as long as a frame is. */
const settled = { timeout: 60_000 };

describe.runIf(canTest)('sequences in the page', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let on: RealPage;

  beforeAll(async () => {
    browser = await launchChromium();
    server = await servePages();
  }, 180_000);
  afterEach(async () => {
    await on?.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    on = await RealPage.open(browser, server, '000000');
  }, 180_000);
  const rows = () =>
    on.page.locator('#timeline-rows .track-name').evaluateAll((all) => all.map((one) => one.ariaLabel));
  const message = () => on.page.locator('#message').textContent();
  /** Clicks objects of the demo by their ids, and carries all of them. */
  const carry = async (...wanted: string[]) => {
    const objects = await demoObjects(0, /./);
    for (const id of wanted) {
      await on.click(objects.find((object) => object.id === id)!);
      await on.press('Space');
    }
    await on.press('Shift+I');
    await on.until(() => /boxes in 10 frames/.test(nearbox.state.message?.text ?? ''));
    await on.press('n');
  };

  it('one key carries all boxes through all frames, one goes to what is to be looked at', async () => {
    await carry('object-005', 'object-006');
    const ids = (await on.labels()).map(({ id }) => id);
    for (const [k, frame] of FRAMES.entries()) {
      const truths = await demoObjects(k, /./);
      for (const [n, name] of ['object-005', 'object-006'].entries()) {
        const truth = truths.find(({ id }) => id === name);
        if (truth === undefined || truth.numPoints < SEEN_POINTS) continue;
        expect(iou3d((await on.label(ids[n]!, frame)).box, truth), `${name} in ${frame}`).toBeGreaterThan(
          0.6,
        );
      }
    }
    expect(await on.page.locator('#timeline-stop').isVisible()).toBe(false);
    // The rows are drawn after the message.
    const measured = expect.stringMatching(/^car \d+: 1 keyframe, 9 measured/);
    await expect.poll(rows, settled).toEqual([measured, measured]);

    // A row's cell opens its frame with the object selected.
    await on.page
      .locator('#timeline-rows canvas')
      .first()
      .click({ position: { x: 26 * 4 + 8, y: 8 } });
    await on.isOpen('000004');
    expect((await on.state()).selected).toBe(ids[0]);
    // Nothing is doubtful: the key goes to the next box that is not accepted, along the object.
    await on.press('Space');
    await on.press('z');
    await on.isOpen('000005');
    expect((await on.state()).selected).toBe(ids[0]);
    await on.press('Shift+Space');
    await expect.poll(message, settled).toMatch(/^8 boxes of object \d+ were accepted\.$/);
    expect(on.complaints).toEqual([]);
  });

  it('an edit is a keyframe: its segment is fitted again, and one undo takes all of it back', async () => {
    await carry('object-005');
    const { id } = (await on.labels())[0]!;
    for (let k = 0; k < 4; k++) {
      await on.press('.');
      await on.isOpen(FRAMES[k + 1]!);
    }
    expect((await on.state()).selected).toBe(id);
    const before = await Promise.all(FRAMES.map((frame) => on.label(id, frame)));
    await on.page.hover('#view-top');
    // One press: on a busy machine several may be so far apart that they are several steps to undo.
    const begun = await on.tracksBegun();
    await on.press('d');
    await on.tracked(begun);
    const after = await Promise.all(FRAMES.map((frame) => on.label(id, frame)));
    expect(after[4]).toMatchObject({ edited: true, track: { status: 'keyframe' } });
    expect(after[0]!.box).toEqual(before[0]!.box);
    expect(after[2]!.box).not.toEqual(before[2]!.box);
    expect(after[7]!.box).not.toEqual(before[7]!.box);
    await on.press('Control+z');
    for (const [k, frame] of FRAMES.entries())
      expect((await on.label(id, frame)).box, frame).toEqual(before[k]!.box);
  });

  it('another size is for the whole track, and says so; one size, locks and absence are single steps', async () => {
    await carry('object-006');
    const { id } = (await on.labels())[0]!;
    await on.press('.');
    await on.isOpen('000001');
    const atSize = await on.tracksBegun();
    await on.saying(/whole track/, () => on.page.fill('#size-0', '5.5'));
    await on.tracked(atSize);
    expect((await on.label(id, '000007')).box.size[0]).toBe(5.5);
    expect((await on.label(id, '000000')).box.size[0]).not.toBe(5.5);
    await on.page.keyboard.press('Escape');
    const atOneSize = await on.tracksBegun();
    await on.saying(/one size in all frames/, () => on.press('Shift+R'));
    expect((await on.label(id, '000000')).box.size[0]).toBe(5.5);
    await on.tracked(atOneSize);

    await on.press('Shift+L');
    expect(await on.page.getAttribute('#track-lock', 'aria-pressed')).toBe('true');
    await on.press('.');
    await on.isOpen('000002');
    await on.press('Shift+O');
    await on.until(() => nearbox.state.work.frames['000002']!.labels.length === 0);
    expect(await on.page.getAttribute('#track-absent', 'aria-pressed')).toBe('true');
    // Behind the gap nothing leads on: the track says so there.
    await on.until(() => nearbox.state.work.frames['000009']!.missing !== undefined);
    await on.tracked();
    expect((await on.label(id, '000001')).track).toMatchObject({ status: 'keyframe', isLocked: true });
  });

  it('ids, classes, splits, merges and deletions are about the frames of the track', async () => {
    await carry('object-005');
    const { id } = (await on.labels())[0]!;
    await on.press('2');
    expect((await on.label(id, '000009')).class).toBe('van');
    for (let k = 1; k <= 5; k++) {
      await on.press('.');
      await on.isOpen(FRAMES[k]!);
    }
    await on.press('Shift+C');
    await on.until(() => /From here on/.test(nearbox.state.message?.text ?? ''));
    const other = (await on.state()).selected!;
    expect(await on.label(id, '000004')).toBeDefined();
    expect(await on.label(id, '000005')).toBeUndefined();
    expect(await on.label(other, '000009')).toBeDefined();
    await on.page.fill('#object-id', 'my-car');
    await on.press('Enter');
    await on.until(() => nearbox.state.work.frames['000009']!.labels[0]?.id === 'my-car');
    await on.press('Shift+M');
    await on.page.locator(`#timeline-rows .track-name[data-id="${id}"]`).click();
    await on.until(() => nearbox.state.work.frames['000001']!.labels[0]?.id === 'my-car');
    await on.press('Shift+Delete');
    await on.until(() => /were deleted/.test(nearbox.state.message?.text ?? ''));
    const frame = (await on.state()).frame!;
    expect(await on.labels(frame)).toEqual([]);
  });

  it('Esc and the button stop a track, what came stays, and a reload finds it', async () => {
    const objects = await demoObjects(0, /car/i);
    for (const object of objects.slice(0, 5)) await on.click(object);
    await on.press('Shift+I');
    await on.until(() => (nearbox.state.work.frames['000001']?.labels.length ?? 0) > 0);
    await on.press('Escape');
    await on.until(() => nearbox.state.tracking === null);
    expect(await message()).toMatch(/^Stopped: \d+ of 50 boxes had come\.$/);
    const carried = FRAMES.slice(1).map((frame) => on.labels(frame));
    const before = await Promise.all(carried);
    expect(before.flat().length).toBeGreaterThan(0);
    expect(before.flat().length).toBeLessThan(45);
    await on.until(() => nearbox.state.saving.status === 'saved');
    await on.page.reload();
    await on.complete();
    await on.until(() => document.querySelectorAll('#timeline-rows .track').length === 5);
    await on.page.waitForFunction(
      (count) =>
        Object.entries(nearbox.state.work.frames)
          .filter(([frame]) => frame !== '000000')
          .flatMap(([, { labels }]) => labels).length === count,
      before.flat().length,
    );
    // Stopped once more, by the button.
    await on.press('Shift+I');
    await on.until(() => nearbox.state.tracking !== null);
    await on.page.click('#timeline-stop');
    await on.until(() => nearbox.state.tracking === null);
    expect(await message()).toMatch(/^Stopped/);
  });

  it('without the server boxes are interpolated where none was measured; what was edited is fitted when it is back', async () => {
    await carry('object-006');
    const { id } = (await on.labels())[0]!;
    await on.press('Control+z');
    expect(await on.labels('000005')).toEqual([]);
    await on.press('n');
    const context = on.page.context();
    await context.setOffline(true);
    await on.press('i');
    await on.until(() => /the boxes were interpolated in the page/.test(nearbox.state.message?.text ?? ''));
    expect((await on.label(id, '000005')).track!.status).toBe('predicted');
    await context.setOffline(false);
    await on.until(() => nearbox.state.isServerReachable);
    expect(await message()).toBe('');
    await on.press('i');
    await on.until(() => /boxes in 10 frames/.test(nearbox.state.message?.text ?? ''));
    const measured = await on.label(id, '000005');
    expect(measured.track!.status).toBe('measured');

    // An edit during an outage takes no measured box away, and is made good afterwards.
    await context.setOffline(true);
    await on.page.hover('#view-top');
    await on.press('w');
    await on.until(() => /that were measured stay/.test(nearbox.state.message?.text ?? ''));
    expect(await on.label(id, '000005')).toEqual(measured);
    const begun = await on.tracksBegun();
    await context.setOffline(false);
    await on.tracked(begun);
    await on.until(() => /boxes in 10 frames/.test(nearbox.state.message?.text ?? ''));
    expect((await on.label(id, '000005')).track).toMatchObject({ status: 'measured' });
    await on.press('Control+z');
    expect(await on.label(id, '000005')).toEqual(measured);
  });

  it('a box that is selected elsewhere comes into sight', async () => {
    const objects = await demoObjects(0, /./);
    const { id, box } = await on.click(objects.find((object) => object.id === 'object-005')!);
    await on.press('Escape');
    await on.page.evaluate(([x, y, z]) => nearbox.lookAt([x! + 60, y!, z!], 8), box.center);
    await on.complete();
    await on.page.click(`#object-list button:has-text("${id}")`);
    await on.complete();
    const [x, y] = await on.pixel(box.center);
    const view = (await on.page.locator('#view-main').boundingBox())!;
    expect(Math.abs(x - view.x - view.width / 2)).toBeLessThan(60);
    expect(Math.abs(y - view.y - view.height / 2)).toBeLessThan(60);
    // One that is in sight leaves the view as it is.
    await on.press('Escape');
    await on.page.evaluate(([x, y, z]) => nearbox.lookAt([x! + 3, y!, z!], 10), box.center);
    await on.complete();
    const before = await on.pixel(box.center);
    await on.press('n');
    await on.complete();
    const after = await on.pixel(box.center);
    expect(Math.hypot(after[0] - before[0], after[1] - before[1])).toBeLessThan(2);
  });
});
