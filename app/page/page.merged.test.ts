/**
 * The sequence merged by its poses, on the real server: boxes that are clicked or drawn there come into all
 * frames.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  inversePose,
  iou3d,
  transformBox,
  transformPoint,
  type Vec3,
  yawQuaternion,
} from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import type { RunningServer } from '../server/index.ts';
import { CAR, streetPoints } from '../testing/index.ts';
import type { TestApi } from './test-api.ts';
import { Fingers, facingPlace, launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** The same street, seen by a scanner that stands elsewhere in the world each time. */
const POSES = [0, 1, 2].map((k) => ({
  position: [1000 + 3 * k, 2000, 50] as const,
  rotation: yawQuaternion(0.2 * k),
}));
const IN_WORLD = transformBox(POSES[0]!, CAR);

describe.runIf(canTest)('a sequence in one world', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;
  let on: RealPage;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-merged-'));
    const points = streetPoints(0.3);
    const inputs = [];
    for (const [k, pose] of POSES.entries()) {
      // What the first frame sees, told from where this one stands.
      const own = points.slice();
      const toFrame = inversePose(pose);
      for (let i = 0; i < own.length; i += 4) {
        const place: Vec3 = [points[i]!, points[i + 1]!, points[i + 2]!];
        own.set(transformPoint(toFrame, transformPoint(POSES[0]!, place)), i);
      }
      const input = path.join(folder, `${k}.bin`);
      await writeFile(input, new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
      inputs.push({ input, id: `${k}`, frame: { pose, timestamp: k / 10, sensor: [0, 0, 0] as const } });
    }
    await buildClouds(inputs, path.join(folder, 'clouds'), { jobs: 1 });
    browser = await launchChromium();
    server = await servePages({ clouds: path.join(folder, 'clouds') });
    on = await RealPage.open(browser, server, '1');
    await on.press('Alt+m');
    await on.until(() => document.querySelector('#merged-said')!.textContent === '3 of 3 frames');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /**
   * Page pixels of a place of the world: the open frame's scanner is in the middle, 35 m to the nearer side.
   */
  async function pixelOf([x, y]: readonly number[]): Promise<[number, number]> {
    const area = (await on.page.locator('#merged-map').boundingBox())!;
    const scale = 35 / (Math.min(area.width, area.height) / 2);
    const [mx, my] = POSES[1]!.position;
    return [area.x + area.width / 2 + (x! - mx) / scale, area.y + area.height / 2 - (y! - my) / scale];
  }
  const boxes = async () => (await Promise.all(['0', '1', '2'].map((frame) => on.labels(frame)))).flat();

  it('a click finds what stands there, and puts it into each frame as one track and one undo step', async () => {
    const facing = transformPoint(POSES[0]!, facingPlace(CAR));
    await on.page.mouse.click(...(await pixelOf(facing)));
    await on.until(() => /has boxes in 3 frames/.test(nearbox.state.message?.text ?? ''));
    const labels = await boxes();
    expect(labels).toHaveLength(3);
    expect(new Set(labels.map(({ id }) => id)).size).toBe(1);
    for (const [k, label] of labels.entries()) {
      expect(iou3d(transformBox(POSES[k]!, label.box), IN_WORLD), `frame ${k}`).toBeGreaterThan(0.6);
      expect(label.track!.isStatic).toBe(true);
    }
    expect(labels.map(({ track }) => track!.status).sort()).toEqual(['keyframe', 'measured', 'measured']);
    expect((await on.state()).selected).toBe(labels[0]!.id);
    await on.page.waitForSelector('#merged-map path.selected');
    // Its outline takes it in hand again; the object is not drawn twice.
    await on.page.mouse.click(...(await pixelOf(IN_WORLD.center)));
    expect(await boxes()).toHaveLength(3);
    await on.press('Control+z');
    await on.until(() => nearbox.state.message?.text === 'Undone: a box in all frames.');
    expect(await boxes()).toEqual([]);
    await on.page.waitForFunction(() => document.querySelectorAll('#merged-map path').length === 0);
  });

  it('a rectangle that is drawn there comes back as well, without the network as it was drawn', async () => {
    await on.page.route('**/v1/predictions', (route) => route.abort());
    const [x, y] = IN_WORLD.center;
    const [from, to] = [await pixelOf([x - 2.6, y - 1.9]), await pixelOf([x + 2.6, y + 1.9])];
    await on.page.keyboard.down('Shift');
    await on.page.mouse.move(...from);
    await on.page.mouse.down();
    await on.page.mouse.move(...to, { steps: 3 });
    await on.page.waitForSelector('#merged-map path.drawn');
    await on.page.mouse.up();
    await on.page.keyboard.up('Shift');
    await on.until(() => /has boxes in 3 frames/.test(nearbox.state.message?.text ?? ''));
    const labels = await boxes();
    expect(labels.map(({ method }) => method).sort()).toEqual(['drawn', 'tracked', 'tracked']);
    for (const [k, label] of labels.entries())
      expect(iou3d(transformBox(POSES[k]!, label.box), IN_WORLD), `frame ${k}`).toBeGreaterThan(0.3);
    await on.page.unroute('**/v1/predictions');
    await on.until(() => nearbox.state.isServerReachable);
    await on.press('Control+z');
    await on.until(() => nearbox.state.work.frames['0']!.labels.length === 0);
  });

  it('goes by fingers: the tool for boxes draws, two fingers zoom and move', async () => {
    const fingers = await Fingers.on(on.page);
    const [x, y] = IN_WORLD.center;
    const middle = await pixelOf(IN_WORLD.center);
    await on.page.click('#tool-box');
    await fingers.drag(await pixelOf([x - 2.6, y - 1.9]), await pixelOf([x + 2.6, y + 1.9]));
    await on.until(() => /has boxes in 3 frames/.test(nearbox.state.message?.text ?? ''));
    await on.page.click('#tool-click');
    /** Where the outline is on the map: its middle and its width, pixels. */
    const outline = () =>
      on.page.locator('#merged-map path[data-id]').evaluate((path) => {
        const { x, width } = (path as SVGPathElement).getBBox();
        return { middle: x + width / 2, width };
      });
    const before = await outline();
    await fingers.pinch(middle, { before: 100, after: 200, by: [-80, 0] });
    await expect.poll(async () => (await outline()).width / before.width).toBeCloseTo(2, 1);
    expect((await outline()).middle - before.middle).toBeCloseTo(-80, -1);
    expect(await boxes()).toHaveLength(3);
    await fingers.pinch([middle[0] - 80, middle[1]], { before: 200, after: 100, by: [80, 0] });
    await on.press('Control+z');
    await on.until(() => nearbox.state.work.frames['0']!.labels.length === 0);
  });

  it('goes by keys: moved, zoomed, asked in the middle, left', async () => {
    await on.page.locator('#merged-map').focus();
    const place = transformPoint(POSES[0]!, facingPlace(CAR));
    const pixel = await pixelOf(place);
    const area = (await on.page.locator('#merged-map').boundingBox())!;
    const step = 0.15 * Math.min(area.width, area.height);
    const [right, up] = [pixel[0] - area.x - area.width / 2, area.y + area.height / 2 - pixel[1]];
    for (let k = 0; k < Math.round(Math.abs(right) / step); k++)
      await on.press(right > 0 ? 'ArrowRight' : 'ArrowLeft');
    for (let k = 0; k < Math.round(Math.abs(up) / step); k++)
      await on.press(up > 0 ? 'ArrowUp' : 'ArrowDown');
    await on.press('-');
    await on.press('Enter');
    await on.until(() => nearbox.state.message !== null);
    await on.press('Alt+m');
    expect(await on.page.locator('#merged').isVisible()).toBe(false);
    expect(on.complaints.filter((text) => !/ERR_FAILED/.test(text))).toEqual([]);
  });
});
