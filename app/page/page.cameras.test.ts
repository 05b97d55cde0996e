/** Images of cameras beside the cloud, on the real server: boxes in them, and clicks that find objects. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, iou3d, type Vec3 } from '../../inference/boxes/index.ts';
import { type Camera, CameraProjection } from '../../inference/cameras/index.ts';
import type { RunningServer } from '../server/index.ts';
import type { TestApi } from './test-api.ts';
import { facingPlace, launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { pngOf } from './testing/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

const [WIDTH, HEIGHT] = [640, 360];

/** A camera at the scanner that looks towards `yaw`. */
function cameraTo(name: string, yaw: number, distortion?: readonly number[]): Camera {
  // The camera's axes as a quaternion: ahead along +x, then turned about +z.
  const [c, s] = [Math.cos(yaw / 2) / 2, Math.sin(yaw / 2) / 2];
  return {
    name,
    // The calibration is about an image of twice the size.
    size: [2 * WIDTH, 2 * HEIGHT],
    focal: [700, 700],
    centre: [WIDTH, HEIGHT],
    ...(distortion && { distortion }),
    pose: { position: [0, 0, 0], rotation: [-c - s, c - s, s - c, c + s] },
  };
}

describe.runIf(canTest)('images of cameras', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;
  let on: RealPage;
  let car: Box;
  let cameras: Camera[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-cameras-'));
    const objects = await demoObjects(0, /./);
    car = objects.find((object) => object.id === 'object-005')!;
    const yaw = Math.atan2(car.center[1], car.center[0]);
    cameras = [cameraTo('away', yaw + Math.PI), cameraTo('towards', yaw, [-0.2, 0.05, 0.001, 0.001])];
    await mkdir(path.join(folder, 'images'));
    const file = {
      version: 1,
      cameras: cameras.map((camera) => ({ ...camera, image: `images/{frame}-${camera.name}.png` })),
    };
    await writeFile(path.join(folder, 'cameras.json'), JSON.stringify(file));
    const sky = pngOf(WIDTH, HEIGHT, (_, y) => (y < HEIGHT / 2 ? [120, 160, 220] : [90, 90, 80]));
    for (const { name } of cameras) await writeFile(path.join(folder, 'images', `000000-${name}.png`), sky);
    browser = await launchChromium();
    server = await servePages({ cameras: folder });
    on = await RealPage.open(browser, server, '000000');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const figure = (name: string) => on.page.locator(`.camera[data-camera="${name}"]`);
  /** Clicks where a camera sees a place. */
  async function clickAt(name: string, place: Vec3): Promise<void> {
    const pixel = new CameraProjection(cameras.find((camera) => camera.name === name)!).project(place)!;
    await figure(name).scrollIntoViewIfNeeded();
    const area = (await figure(name).locator('svg').boundingBox())!;
    await on.page.mouse.click(
      area.x + (pixel.x / (2 * WIDTH)) * area.width,
      area.y + (pixel.y / (2 * HEIGHT)) * area.height,
    );
  }

  it('are shown by a key, over the view, and their cloud stays as it is', async () => {
    expect(await on.page.locator('#cameras').isVisible()).toBe(false);
    await on.press('Alt+c');
    await on.page.waitForFunction(() => document.querySelectorAll('.camera:not(.coming)').length === 2);
    const colour = await figure('towards')
      .locator('canvas')
      .evaluate((canvas) => [
        ...(canvas as HTMLCanvasElement).getContext('2d')!.getImageData(5, 5, 1, 1).data.slice(0, 3),
      ]);
    expect(colour).toEqual([120, 160, 220]);
    expect(await figure('towards').getAttribute('aria-label')).toBe('Camera towards: 0 boxes');
    const area = (await on.page.locator('#cameras').boundingBox())!;
    expect([area.x, area.y]).toEqual([276, 44]);
    expect(area.x + area.width).toBeLessThanOrEqual(1366 - 300);
  });

  it('a click finds the object: its box comes, and is drawn where the camera sees it', async () => {
    await clickAt('towards', facingPlace(car));
    await on.until(() => nearbox.labels().length === 1);
    const [label] = await on.labels();
    expect(iou3d(label!.box, car)).toBeGreaterThan(0.6);
    expect((await on.state()).selected).toBe(label!.id);
    await on.page.waitForSelector('.camera[data-camera="towards"] .box.selected');
    expect(await figure('towards').getAttribute('aria-label')).toBe(
      `Camera towards: 1 box, car ${label!.id} is in it`,
    );
    expect(await figure('away').locator('.box').count()).toBe(0);
    // The drawn lines are around where the box projects to.
    const drawn = await figure('towards')
      .locator('.box .wire')
      .evaluate((wire) => {
        const { x, y, width, height } = (wire as SVGPathElement).getBBox();
        return { x, y, width, height };
      });
    const middle = new CameraProjection(cameras[1]!).project(label!.box.center)!;
    expect(middle.x).toBeGreaterThan(drawn.x);
    expect(middle.x).toBeLessThan(drawn.x + drawn.width);
    expect(middle.y).toBeGreaterThan(drawn.y);
    expect(middle.y).toBeLessThan(drawn.y + drawn.height);
  });

  it('a click on a box selects it, and where no points are it says so', async () => {
    const [label] = await on.labels();
    await on.press('Escape');
    await on.until(() => nearbox.state.selected === null);
    await clickAt('towards', label!.box.center);
    await on.until(() => nearbox.state.selected !== null);
    expect((await on.state()).selected).toBe(label!.id);
    expect(await on.labels()).toHaveLength(1);
    // The sky.
    const area = (await figure('away').locator('svg').boundingBox())!;
    await on.page.mouse.click(area.x + area.width / 2, area.y + 3);
    await on.until(() => nearbox.state.message?.text === 'There are no points there.');
  });

  it('goes by keys, follows the frame, and says where there are none', async () => {
    await figure('away').focus();
    await on.press('ArrowRight');
    expect(await on.page.evaluate(() => (document.activeElement as HTMLElement).dataset.camera)).toBe(
      'towards',
    );
    const before = (await on.page.locator('#cameras').boundingBox())!.height;
    await on.press('Enter');
    expect((await on.page.locator('#cameras').boundingBox())!.height).toBeGreaterThan(1.5 * before);
    await on.press('Enter');
    expect(on.complaints).toEqual([]);
    // The next frame has calibrations, and no image.
    await on.press('.');
    await on.isOpen('000001');
    await on.until(() => /no image of camera/.test(nearbox.state.message?.text ?? ''));
    await on.until(() => document.querySelectorAll('.camera.coming').length === 2);
    // Without its image a camera takes no clicks.
    const asked: string[] = [];
    on.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await clickAt('towards', car.center);
    await on.page.waitForTimeout(300);
    expect(asked).not.toContain('/v1/predictions');
    expect(await on.labels('000001')).toEqual([]);
    await on.press('Alt+c');
    expect(await on.page.locator('#cameras').isVisible()).toBe(false);
  });
});
