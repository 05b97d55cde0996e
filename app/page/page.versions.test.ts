/**
 * Boxes of another version of their cloud, in frames that are not opened, on the real server: said in the
 * list of frames, the timeline, the panel of all frames and the map.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { yawQuaternion } from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import type { RunningServer } from '../server/index.ts';
import { CAR, streetPoints } from '../testing/index.ts';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** A scanner that stands still. */
const POSE = { position: [1000, 2000, 50] as const, rotation: yawQuaternion(0) };
const FRAMES = ['s/0', 's/1', 's/2', 's/3'];
/** Frames whose clouds are replaced after they were labelled. */
const REPLACED = ['s/0', 's/2'];

describe.runIf(canTest)(
  'boxes of another version in frames that are not opened',
  { timeout: 240_000 },
  () => {
    let browser: Browser;
    let server: RunningServer;
    let folder: string;
    let on: RealPage;
    const asked: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-versions-'));
      browser = await launchChromium();
      const clouds = path.join(folder, 'clouds');
      const labels = path.join(folder, 'labels');
      await build(clouds, FRAMES, 0.3);
      const first = await servePages({ clouds, labels });
      // The last frame has no boxes.
      for (const frame of FRAMES.slice(0, 3)) await label(first, frame);
      await first.close();
      await build(clouds, REPLACED, 0.4);
      server = await servePages({ clouds, labels, versionTtlMs: 0 });
      on = await RealPage.open(browser, server, 's/1');
      on.page.on('request', (request) => {
        const { pathname } = new URL(request.url());
        if (/^\/points\/[^~]/.test(pathname)) asked.push(pathname);
      });
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    /** Frames of a street, with so much between their points. */
    async function build(root: string, frames: readonly string[], spacing: number): Promise<void> {
      const { buffer } = streetPoints(spacing);
      const inputs = [];
      for (const id of frames) {
        const input = path.join(folder, `${spacing}`, `${id}.bin`);
        await mkdir(path.dirname(input), { recursive: true });
        await writeFile(input, new Uint8Array(buffer));
        const timestamp = FRAMES.indexOf(id) / 10;
        inputs.push({ input, id, frame: { pose: POSE, timestamp, sensor: [0, 0, 0] as const } });
        await rm(path.join(root, id), { recursive: true, force: true });
      }
      await buildClouds(inputs, root, { jobs: 1 });
    }

    /** Stores a box of the car that stands in the street, for the version that the server has. */
    async function label({ url }: RunningServer, id: string): Promise<void> {
      const { version } = (await (await fetch(`${url}/v1/clouds/${id}`)).json()) as { version: string };
      const box = { id: '7', class: 'car', box: CAR, status: 'accepted' };
      const track = { status: 'keyframe', static: true };
      const answer = await fetch(`${url}/v1/labels/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-none-match': '*' },
        body: JSON.stringify({
          version: 1,
          cloud: { id, version },
          state: 'open',
          boxes: [{ ...box, track }],
        }),
      });
      expect(answer.status).toBe(201);
    }

    const marked = (selector: string) =>
      on.page
        .locator(selector)
        .evaluateAll((found) =>
          found.flatMap((element) =>
            [...element.querySelectorAll<HTMLElement>('.other-version')].some(
              (mark) => mark.checkVisibility() && mark.textContent !== '',
            )
              ? [(element as HTMLElement).dataset.frame!]
              : [],
          ),
        );
    const expectText = (selector: string) => expect.poll(() => on.page.locator(selector).textContent());

    it('are said in the list of frames and in the timeline', async () => {
      expect(await on.page.locator('#version-warning').isVisible()).toBe(false);
      await expectText('#timeline-versions').toBe('Boxes of another version in 2 frames');
      expect(await on.page.locator('#timeline-versions').isVisible()).toBe(true);
      expect(await on.page.getAttribute('#timeline-versions', 'title')).toBe('s/0, s/2');
      expect(await on.page.locator('#timeline-ruler .other-version').allTextContents()).toEqual(['1!', '3!']);
      expect(await on.page.getAttribute('.track-name', 'aria-label')).toMatch(/; 2 of another version$/);
      await on.page.hover('.track canvas', { position: { x: 4, y: 8 } });
      expect(await on.page.getAttribute('.track canvas', 'title')).toMatch(
        /^s\/0: .*, box of another version$/,
      );
      await on.page.hover('.track canvas', { position: { x: 26 + 4, y: 8 } });
      expect(await on.page.getAttribute('.track canvas', 'title')).toMatch(/^s\/1: (?!.*another version)/);
      expect(await marked('.frame')).toEqual(REPLACED);
      expect(await on.page.getByRole('button', { name: '…/0 other version' }).count()).toBe(1);
    });

    it('are said on the cells of all frames, without asking again', async () => {
      await on.complete();
      // The frame before the open one: nothing else has a reason to ask for its cloud.
      const before = asked.filter((url) => url === '/points/s/0').length;
      expect(before).toBeLessThanOrEqual(1);
      await on.press('n');
      await on.press('Shift+G');
      await on.page.waitForSelector('.glance-cell[aria-label*="frame s/2"]');
      await expect.poll(() => marked('.glance-cell')).toEqual(REPLACED);
      const labelOf = (frame: string) =>
        on.page.getAttribute(`.glance-cell[data-frame="${frame}"]`, 'aria-label');
      expect(await labelOf('s/0')).toMatch(/, frame s\/0, box of another version$/);
      expect(await labelOf('s/1')).toMatch(/, frame s\/1$/);
      expect(await labelOf('s/3')).toMatch(/no box, frame s\/3$/);
      expect(asked.filter((url) => url === '/points/s/0')).toHaveLength(before);
      await on.press('Shift+G');
    });

    it('are said on the map, whose outline is that of the first frame, until they are confirmed', async () => {
      await on.press('Alt+m');
      await expectText('#merged-said').toBe('4 of 4 frames');
      await expectText('#merged-versions').toBe('Boxes of another version in 1 frame');
      expect(await on.page.locator('#merged-versions').isVisible()).toBe(true);
      expect(await on.page.getAttribute('#merged-map path[data-id]', 'class')).toContain('of-other-version');
      await on.page.locator('.frame[data-frame="s/0"]').click();
      await on.isOpen('s/0');
      expect(await on.page.locator('#version-warning').isVisible()).toBe(true);
      await on.press('u');
      expect(await on.page.locator('#version-warning').isVisible()).toBe(false);
      await expect.poll(() => on.page.locator('#merged-versions').isVisible()).toBe(false);
      expect(await on.page.getAttribute('#merged-map path[data-id]', 'class')).not.toContain('other');
      await expectText('#timeline-versions').toBe('Boxes of another version in 1 frame');
      expect(await marked('.frame')).toEqual(['s/2']);
      await on.press('Alt+m');
      expect(on.complaints).toEqual([]);
    });

    it('an export says it of clouds that were replaced since, although they were known', async () => {
      const exported = async () => {
        const download = on.page.waitForEvent('download');
        await on.page.evaluate(() => document.querySelector<HTMLElement>('[data-format=json]')!.click());
        await download;
      };
      const says = (text: string) =>
        on.page.waitForFunction((wanted) => nearbox.state.message?.text === wanted, text, { polling: 60 });
      await exported();
      await says('labels.json has 3 boxes. Boxes of s/2 were made for another version of it.');
      await build(path.join(folder, 'clouds'), ['s/1'], 0.4);
      await exported();
      await says('labels.json has 3 boxes. Boxes of s/1, s/2 were made for another version of it.');
    });

    it('a cloud that is replaced while it is open is shown anew as soon as an answer tells it', async () => {
      await on.page.locator('.frame[data-frame="s/3"]').click();
      await on.isOpen('s/3');
      const { cloudVersion: before } = await on.state();
      await build(path.join(folder, 'clouds'), ['s/3'], 0.4);
      const label = await on.click(CAR);
      await on.page.waitForFunction((old) => nearbox.state.cloudVersion !== old, before, { polling: 60 });
      await on.until(
        () =>
          nearbox.state.message?.text ===
          'The frame s/3 has changed on the server. Its new points are shown.',
      );
      expect(await on.labels('s/3')).toMatchObject([{ id: label.id }]);
      expect(await on.page.locator('#version-warning').isVisible()).toBe(true);
      // A frame that was open before, and whose points are still here.
      await on.page.locator('.frame[data-frame="s/1"]').click();
      await on.isOpen('s/1');
      expect(await on.page.locator('#version-warning').isVisible()).toBe(true);
      expect(on.complaints).toEqual([]);
    });
  },
);
