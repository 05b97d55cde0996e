/**
 * Real frames of several scanners, with real labels, on a real server that is slow, hangs, is killed, starts
 * again, and runs out of room: what was done is on the storage afterwards, in the right frame, once.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { iou3d } from '../../inference/boxes/index.ts';
import { labelClass } from '../../inference/classes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import type { TestApi } from './test-api.ts';
import { type LabelledObject, labelledObjects, launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { RealPage, Served } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** Frames that the project may measure on but not contain; see the README there. */
const REAL_FRAMES = path.join(import.meta.dirname, '../../../shared/real/mixed-dev');
const INDEX = path.join(REAL_FRAMES, 'index.json');

interface LabelledFrame {
  readonly id: string;
  readonly points: string;
  readonly objects: readonly object[];
}

describe.runIf(canTest && existsSync(REAL_FRAMES))('real frames', { timeout: 300_000 }, () => {
  let folder: string;
  let browser: Browser;
  let original: readonly LabelledFrame[];
  let served: Served;
  let args: readonly string[];
  let on: RealPage;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-real-frames-'));
    original = (JSON.parse(await readFile(INDEX, 'utf8')) as { frames: LabelledFrame[] }).frames;
    const clouds = path.join(folder, 'clouds');
    await buildClouds(
      original.map(({ points }) => path.join(REAL_FRAMES, points)),
      clouds,
    );
    args = ['--clouds', clouds, '--labels', path.join(folder, 'labels')];
    served = await Served.start(args);
    browser = await launchChromium();
    on = await RealPage.open(browser, served, original[0]!.id);
    await on.until(() => nearbox.state.frames.length === 6);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  /** The labels on the storage; a frame that nobody has touched has none. */
  const stored = async (frame: string) => {
    const file = path.join(folder, 'labels', frame, '~labels.json');
    const text = existsSync(file) ? await readFile(file, 'utf8') : '{"boxes":[]}';
    return JSON.parse(text) as { readonly boxes: readonly { readonly id: string }[] };
  };
  const saved = () => on.until(() => nearbox.state.saving.status === 'saved');
  const saving = (status: string) =>
    on.page.waitForFunction((wanted) => nearbox.state.saving.status === wanted, status, { polling: 60 });
  /** The car of a frame with the most points. */
  const carOf = async (frame: string): Promise<LabelledObject> => {
    const objects = await labelledObjects(
      INDEX,
      original.findIndex(({ id }) => id === frame),
    );
    return objects.find((object) => labelClass(object.class) === 'car')!;
  };
  const goTo = async (frame: string) => {
    await on.page.click(`#frame-list button[data-frame="${frame}"]`);
    await on.isOpen(frame);
  };
  const clear = async () => {
    await on.page.evaluate(() => {
      for (; nearbox.labels().length > 0; nearbox.run('remove')) nearbox.run('nextBox');
    });
    await saved();
  };

  it('of five scanners open one after the other, and a click has a box in each', async () => {
    const overlaps: number[] = [];
    for (const { id } of original) {
      await goTo(id);
      const car = await carOf(id);
      const { box } = await on.click(car);
      overlaps.push(iou3d(box, car));
    }
    await saved();
    // How good the boxes are is in docs/accuracy.md; here they are of the object that was clicked.
    expect(overlaps.filter((overlap) => overlap > 0.4).length).toBeGreaterThanOrEqual(5);
    for (const { id } of original) {
      expect((await stored(id)).boxes, id).toHaveLength(1);
      await goTo(id);
      await clear();
    }
    expect(on.complaints).toEqual([]);
  });

  it('an import is on the storage, comes back field by field in another browser, and is undone whole', async () => {
    await on.page.setInputFiles('#import-files', INDEX);
    await on.until(
      () => nearbox.state.message?.text.includes('312 boxes were imported in 6 frames') === true,
    );
    await saved();
    const colleague = await RealPage.open(browser, served, original[0]!.id);
    const download = colleague.page.waitForEvent('download');
    await colleague.page.click('#export summary');
    await colleague.page.click('#export-menu [data-format="json"]');
    const file = path.join(folder, 'exported.json');
    await (await download).saveAs(file);
    await colleague.close();
    const exported = JSON.parse(await readFile(file, 'utf8')) as { frames: LabelledFrame[] };
    for (const frame of original) {
      const written = exported.frames.find(({ id }) => id === frame.id)!;
      const { objects, ...rest } = frame;
      expect(written).toMatchObject(rest);
      expect(written.objects).toHaveLength(objects.length);
      for (const [at, object] of objects.entries()) expect(written.objects[at]).toMatchObject(object);
    }
    await on.page.click('#undo');
    await saved();
    for (const { id } of original) {
      const document = await stored(id);
      expect(document.boxes).toEqual([]);
      expect(document).not.toHaveProperty('imported');
    }
  });

  describe('and trouble', () => {
    let shown: string;
    let car: LabelledObject;
    let pixel: [number, number];

    beforeEach(async () => {
      shown = original[0]!.id;
      await goTo(shown);
      await clear();
      // A fresh page, which has loaded no other frame.
      await on.page.reload();
      await on.isOpen(shown);
      car = await carOf(shown);
      pixel = await on.aim(car);
    });

    it('a click while a slow frame is on its way is about the frame that is shown', async () => {
      const wanted = original[3]!.id;
      let letGo: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      await on.page.route(`**/points/${wanted}`, async (route) => {
        await held;
        await route.continue();
      });
      await on.page.click(`#frame-list button[data-frame="${wanted}"]`);
      const { box } = await on.boxAt(pixel);
      expect(iou3d(box, car)).toBeGreaterThan(0.4);
      letGo();
      await on.isOpen(wanted);
      await saved();
      expect((await stored(shown)).boxes).toHaveLength(1);
      expect(await on.labels(wanted)).toEqual([]);
    });

    it('a server that is killed: the frame stays, the page fits, and all of it is saved when it is back', async () => {
      const { port } = served;
      await served.kill('SIGKILL');
      for (let i = 0; i < 10; i++) await on.press('.');
      await on.until(() => nearbox.state.opening?.problem != null);
      expect((await on.state()).frame).toBe(shown);
      const fitted = await on.boxAt(pixel);
      expect(fitted).toMatchObject({
        method: 'local',
        note: 'The server cannot be reached. The box was fitted in the page.',
      });
      await saving('offline');
      await on.press('Escape');
      served = await Served.start(args, {}, port);
      await saved();
      await on.until(() => nearbox.state.isServerReachable);
      expect(await on.page.locator('#message').textContent()).toBe('');
      for (const { id } of original)
        expect(
          (await stored(id)).boxes.map((box) => box.id),
          id,
        ).toEqual(id === shown ? [fitted.id] : []);
    });

    it('a server that is killed while a frame is on its way, and once more: all is where it was done', async () => {
      const { port } = served;
      const wanted = original[3]!.id;
      let isKilled = false;
      await on.page.route(`**/points/~*/${wanted}/**`, async (route) => {
        if (!isKilled) await served.kill('SIGKILL');
        isKilled = true;
        await route.abort();
      });
      await on.page.click(`#frame-list button[data-frame="${wanted}"]`);
      await on.until(() => nearbox.state.opening?.problem != null);
      await on.page.unroute(`**/points/~*/${wanted}/**`);
      const { id } = await on.boxAt(pixel);
      await on.press('Space');
      await saving('offline');
      served = await Served.start(args, {}, port);
      // The frame comes by itself, and nothing that was said of the outage stays.
      await on.isOpen(wanted);
      await saved();
      expect(await on.page.locator('#message').textContent()).toBe('');
      expect(await on.page.locator('#frame-title').textContent()).not.toContain('opening');

      await served.kill('SIGKILL');
      const other = await carOf(wanted);
      const fitted = await on.boxAt(await on.aim(other));
      expect(fitted).toMatchObject({
        method: 'local',
        note: 'The server cannot be reached. The box was fitted in the page.',
      });
      // Undo goes to the frame of the step, which this page has still got or waits for.
      await saving('offline');
      await on.press('Control+z');
      await on.press('Control+z');
      expect(await on.labels(wanted)).toEqual([]);
      expect((await on.labels(shown)).map(({ state }) => state)).toEqual(['draft']);
      await on.press('Control+Shift+z');
      await on.press('Control+Shift+z');
      served = await Served.start(args, {}, port);
      await on.until(() => nearbox.state.isServerReachable && nearbox.state.opening === null);
      await saved();
      expect((await stored(shown)).boxes).toMatchObject([{ id, status: 'accepted' }]);
      expect((await stored(wanted)).boxes).toMatchObject([{ id: fitted.id }]);
      for (const frame of original.filter((one) => one.id !== shown && one.id !== wanted))
        expect((await stored(frame.id)).boxes, frame.id).toEqual([]);
      await goTo(wanted);
      await clear();
    });

    it('a server that hangs: the page fits by itself, and the server’s late answer takes over', async () => {
      await on.page.evaluate(() => nearbox.setLateAfter(0));
      served.signal('SIGSTOP');
      try {
        const fitted = await on.boxAt(pixel);
        expect(fitted).toMatchObject({
          method: 'local',
          note: 'The server is late. The box was fitted in the page.',
        });
        await on.press('.');
        expect((await on.state()).frame).toBe(shown);
      } finally {
        served.signal('SIGCONT');
      }
      await on.until(() => nearbox.state.opening === null && nearbox.state.frame !== null);
      expect((await on.state()).frame).not.toBe(shown);
      await saved();
      expect((await on.labels(shown))[0]).toMatchObject({ method: 'model' });
      expect((await stored(shown)).boxes).toHaveLength(1);
    });

    it('a disk that is full: the page says so, and saves when there is room again', async () => {
      await served.limitFiles(10);
      await on.boxAt(pixel);
      await saving('failed');
      expect(await on.page.locator('#saved').textContent()).toContain('no room is left on the disk');
      expect((await stored(shown)).boxes).toEqual([]);
      await served.limitFiles(null);
      await saved();
      expect((await stored(shown)).boxes).toHaveLength(1);
    });
  });
});
