/** The page in a real Chromium, on a server whose predictions the tests make. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import { type Box, iou3d, type Vec3 } from '../../inference/boxes/index.ts';
import type { PageAnswer } from './api/index.ts';
import type { TestApi } from './test-api.ts';
import { chromiumPath } from './testing/browser/index.ts';
import { answer, canTest, isRequired, ON_CAR, TRUTH, usePage } from './testing/fixture/index.ts';
import { held } from './testing/index.ts';

declare const nearbox: TestApi;

it('has a Chromium to be tested with, where one is required', () => {
  if (isRequired) expect(chromiumPath()).toBeDefined();
});

describe.runIf(canTest)('the annotation page', { timeout: 90_000 }, () => {
  const on = usePage();

  it('opens with points, from this host alone, without a complaint', async () => {
    expect(await on.text('points')).toMatch(/points/);
    expect(await on.text('frame-title')).toContain('000 (1 of 3)');
    expect([...on.hosts]).toEqual([new URL(on.service.url).host]);
    expect(on.complaints).toEqual([]);
  });

  it('lays nothing out again for a picture in which nothing but points has changed', async () => {
    const cdp = await on.context.newCDPSession(on.page);
    await cdp.send('Performance.enable');
    const layouts = async () => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'LayoutCount')!.value;
    };
    const draw = (pictures: number) =>
      on.page.evaluate(async (count) => {
        const { frames, budget } = nearbox.stats();
        const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        while (nearbox.stats().frames < frames + count) {
          nearbox.setBudget(budget);
          await nextFrame();
        }
      }, pictures);
    await draw(2);
    const before = await layouts();
    await draw(20);
    expect((await layouts()) - before).toBeLessThan(10);
  });

  it('warms up the next frames while the annotator works', async () => {
    await expect.poll(() => on.service.prefetched, { timeout: 90_000 }).toEqual(['001', '002']);
  });

  it('fits a 1366x768 screen: nothing scrolls, every control is in it', async () => {
    const outside = await on.page.evaluate(() => {
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

  it('click: a marker waits, the box comes selected, the small print says what it took', async () => {
    const waiting = held<PageAnswer>();
    on.service.predict = () => waiting.promise;
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.page.waitForSelector('#view-main .marker');
    expect(await on.text('timing')).toBe('fitting…');
    waiting.resolve(answer());
    await on.has(1);
    expect(await on.page.locator('#view-main .marker').count()).toBe(0);
    const [question] = on.service.asked;
    expect(question).toMatchObject({ cloud: '000', region: { type: 'click' } });
    const { position } = question!.region as { position: Vec3 };
    expect(Math.hypot(...position.map((value, k) => value - ON_CAR[k]!))).toBeLessThan(0.6);
    expect((await on.state()).selected).toBe('1');
    expect(await on.text('timing')).toMatch(
      /^box in \d+ ms · resolve 1 · fetch 4 .* 9 nodes: 7 memory, 2 origin · model 0\.93$/,
    );
    expect(await on.page.locator('.box.selected .name').first().textContent()).toMatch(
      /^car 1 · 0\.93 · \d+ points$/,
    );
    expect(await on.text('origin')).toMatch(/network · score 0\.93/);
  });

  it('accepts with Space and Enter, deletes with Delete, lets go with Esc, and goes on', async () => {
    await on.clickCar();
    await on.page.keyboard.press('Space');
    expect(await on.label()).toMatchObject({ state: 'accepted' });
    expect((await on.state()).selected).toBeNull();
    on.service.predict = async () => answer({ box: { ...TRUTH, center: [-5, -5, -1] } });
    await on.page.mouse.click(...(await on.pixel([-6, -2, -1.7])));
    await on.has(2);
    expect(on.service.asked[1]!.boxes).toEqual([TRUTH]);
    await on.page.keyboard.press('Escape');
    expect((await on.state()).selected).toBeNull();
    await on.has(2);
    await on.page.keyboard.press('n');
    await on.page.keyboard.press('n');
    await on.page.keyboard.press('Delete');
    await on.has(1);
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.until(() => nearbox.state.selected === '1');
    expect(on.service.asked).toHaveLength(2);
  });

  it('a click on bare ground lets go, a class without a box is for the next one only, a second box is said', async () => {
    await on.clickCar();
    const ground = await on.pixel([4, -3, -1.7]);
    await on.page.mouse.click(...ground);
    await on.until(() => nearbox.state.selected === null);
    await on.page.keyboard.press('2');
    expect((await on.state()).nextClass).toBe('van');
    on.service.predict = async ({ class: kind }) =>
      answer({ class: kind ?? 'car', box: { ...TRUTH, center: [10.3, 4, -0.95] } });
    await on.page.mouse.click(...ground);
    await on.has(2);
    expect(on.service.asked[1]).toMatchObject({ class: 'van' });
    expect((await on.state()).nextClass).toBeNull();
    expect(await on.text('message')).toBe('This object has a box already: car 1.');
    expect(await on.label('2')).toMatchObject({
      class: 'van',
      note: 'This object has a box already: car 1.',
    });
    await on.page.keyboard.press('Delete');
    expect(await on.text('message')).toBe('');
    await on.page.mouse.click(...ground);
    await on.has(2);
    expect(on.service.asked[2]).not.toHaveProperty('class');
    // A number that was a mistake is taken back by the same key, or by Esc.
    await on.page.keyboard.press('Escape');
    for (const key of ['3', 'Escape']) {
      await on.page.keyboard.press('3');
      await on.page.keyboard.press(key);
      expect((await on.state()).nextClass).toBeNull();
    }
    await on.has(2);
  });

  it('undoes and redoes edits by keys, numbers and class', async () => {
    await on.clickCar();
    await on.page.hover('#view-top');
    await on.page.keyboard.press('w');
    await on.page.keyboard.press('w');
    const [x, y] = TRUTH.center;
    const movedBox = (await on.label()).box;
    expect(Math.hypot(movedBox.center[0] - x, movedBox.center[1] - y)).toBeCloseTo(0.2, 6);
    await on.page.keyboard.press('q');
    await on.page.keyboard.press('Shift+D');
    await on.page.keyboard.press('3');
    await on.page.fill('#size-0', '5.25');
    await on.page.keyboard.press('Enter');
    const edited = await on.label();
    expect(edited).toMatchObject({ class: 'truck', edited: true });
    expect(edited.box.size[0]).toBe(5.25);
    expect(edited.box.size[1]).toBeCloseTo(TRUTH.size[1] + 0.05, 9);
    expect(edited.box.yaw).toBeCloseTo(TRUTH.yaw + Math.PI / 180, 9);
    // Two presses of a key are one step, unless the machine is too slow for that.
    let steps = 0;
    for (; (await on.label()).edited || (await on.label()).class !== 'car'; steps++)
      await on.page.keyboard.press('Control+z');
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(await on.label()).toMatchObject({ box: TRUTH, class: 'car', edited: false });
    for (let i = 0; i < steps; i++) await on.page.keyboard.press('Control+Shift+z');
    expect(await on.label()).toEqual(edited);
  });

  it('moves, resizes and turns by handles in the side views; one drag is one step', async () => {
    await on.clickCar();
    await on.page.waitForSelector('#view-top .handle');
    const drag = async (selector: string, dx: number, dy: number) => {
      const { x, y, width, height } = (await on.page.locator(selector).boundingBox())!;
      await on.page.mouse.move(x + width / 2, y + height / 2);
      await on.page.mouse.down();
      await on.page.mouse.move(x + width / 2 + dx / 2, y + height / 2 + dy / 2);
      await on.page.mouse.move(x + width / 2 + dx, y + height / 2 + dy);
      await on.page.mouse.up();
    };
    await drag('#view-top .handle[data-face="0 1"]', 0, -20);
    const longer = (await on.label()).box;
    expect(longer.size[0]).toBeGreaterThan(TRUTH.size[0] + 0.1);
    expect(longer.size[1]).toBe(TRUTH.size[1]);
    await drag('#view-rear .handle[data-face="0 1"]', 0, -15);
    expect((await on.label()).box.size[2]).toBeGreaterThan(TRUTH.size[2] + 0.05);
    await drag('#view-top .knob', 30, 10);
    expect((await on.label()).box.yaw).toBeLessThan(TRUTH.yaw - 0.05);
    await drag('#view-side .body', 12, 0);
    const moved = (await on.label()).box;
    expect(moved.size).toEqual((await on.label()).box.size);
    for (let i = 0; i < 4; i++) await on.page.keyboard.press('Control+z');
    expect((await on.label()).box).toEqual(TRUTH);
    expect(on.service.asked).toHaveLength(1);
  });

  it('moves along the heading and turns by the gizmo in the main view; one drag is one step', async () => {
    await on.clickCar();
    await on.page.evaluate((at) => nearbox.lookAt(at, 6), TRUTH.center);
    await on.complete();
    const [x, y, z] = TRUTH.center;
    const centre = await on.pixel(TRUTH.center);
    const tip = await on.pixel([x + Math.cos(TRUTH.yaw), y + Math.sin(TRUTH.yaw), z]);
    const length = Math.hypot(tip[0] - centre[0], tip[1] - centre[1]);
    const along = [(tip[0] - centre[0]) / length, (tip[1] - centre[1]) / length] as const;
    /** The pixel so far from the middle, along the heading on the screen, where the gizmo can be gripped. */
    const grip = async (): Promise<[number, number]> => {
      for (let by = 24; by < 160; by += 4) {
        const at: [number, number] = [centre[0] + along[0] * by, centre[1] + along[1] * by];
        await on.page.mouse.move(...at);
        if ((await on.page.locator('#view-main.over-gizmo').count()) > 0) return at;
      }
      throw new Error('there is no handle along the heading');
    };
    const arrow = await grip();
    await on.drag(arrow, [arrow[0] + along[0] * length, arrow[1] + along[1] * length]);
    const { box: moved } = await on.label();
    const [dx, dy] = [moved.center[0] - x, moved.center[1] - y];
    expect(dx * Math.cos(TRUTH.yaw) + dy * Math.sin(TRUTH.yaw)).toBeGreaterThan(0.7);
    expect(dx * Math.sin(TRUTH.yaw) - dy * Math.cos(TRUTH.yaw)).toBeCloseTo(0, 6);
    expect(moved).toMatchObject({ size: TRUTH.size, yaw: TRUTH.yaw });
    await on.page.keyboard.press('Control+z');
    expect((await on.label()).box).toEqual(TRUTH);

    await on.page.keyboard.press('j');
    const ring = await grip();
    await on.drag(ring, [ring[0] - along[1] * 40, ring[1] + along[0] * 40]);
    const { box: turned } = await on.label();
    expect(Math.abs(turned.yaw - TRUTH.yaw)).toBeGreaterThan(0.1);
    expect(turned).toMatchObject({ size: TRUTH.size, center: TRUTH.center });
    await on.page.keyboard.press('Control+z');
    expect((await on.label()).box).toEqual(TRUTH);
    expect(on.service.asked).toHaveLength(1);
  });

  it('snaps, tightens, flips, sits on the ground and keeps the size', async () => {
    const loose: Box = { center: [10, 4, -0.7], size: [5.2, 2.8, 1.6], yaw: 0.3 };
    on.service.predict = async () => answer({ box: loose });
    await on.clickCar();
    await on.page.keyboard.press('g');
    let { box } = await on.label();
    expect(box.center[2] - box.size[2] / 2).toBeCloseTo(-1.7, 1);
    await on.page.keyboard.press('x');
    expect(Math.cos((await on.label()).box.yaw - 0.3)).toBeCloseTo(-1, 9);
    await on.page.keyboard.press('x');
    await on.page.hover('#view-top');
    await on.page.keyboard.press('Shift+ArrowDown');
    box = (await on.label()).box;
    expect(box.size[0]).toBeLessThan(4.8);
    await on.page.keyboard.press('t');
    // Only two sides of the car are seen: the box goes round their points, not round the car.
    const tight = (await on.label()).box;
    for (const axis of [0, 1, 2] as const)
      expect(tight.size[axis]).toBeLessThanOrEqual(box.size[axis] + 0.05);
    expect(iou3d(tight, TRUTH)).toBeGreaterThan(0.4);
    await on.page.keyboard.press('o');
    const kept = (await on.label()).box.size;
    on.service.predict = async (request) => answer({ box: { ...TRUTH, size: request.size! } });
    await on.page.keyboard.press('f');
    await on.until(() => nearbox.labels()[0]!.edited === false);
    expect(on.service.asked.at(-1)).toMatchObject({ region: { type: 'box' }, size: kept, class: 'car' });
    expect((await on.label()).box.size).toEqual(kept);
  });

  it('says so when the answer is late, unsure or not to be had, and has a box all the same', async () => {
    on.service.predict = async () => {
      throw new NearboxError('overloaded', 'too busy');
    };
    await on.clickCar();
    expect(await on.label()).toMatchObject({
      method: 'local',
      note: 'Too busy. The box was fitted in the page.',
    });
    expect(iou3d((await on.label()).box, TRUTH)).toBeGreaterThan(0.3);
    expect(await on.text('message')).toBe('Too busy. The box was fitted in the page.');
    await on.page.keyboard.press('Delete');
    await on.has(0);

    on.service.predict = async () =>
      answer({ method: 'geometric', fallback: 'the network failed', score: 0.3 });
    await on.clickCar();
    expect(await on.text('note')).toContain('the network failed');
    expect(await on.page.locator('#view-main .box.unsure').count()).toBe(1);
    expect(await on.page.locator('.box.unsure .name').first().textContent()).toContain('unsure 0.30');
    await on.page.keyboard.press('Delete');
    await on.has(0);

    const late = held<PageAnswer>();
    await on.page.evaluate(() => nearbox.setLateAfter(0));
    on.service.predict = () => late.promise;
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.has(1);
    expect(await on.text('message')).toContain('late');
    late.resolve(answer());
    await on.until(() => nearbox.labels()[0]!.method === 'model');
  });

  it('keeps object ids in the next frame', async () => {
    await on.clickCar();
    await on.page.keyboard.press('Space');
    await on.page.keyboard.press('n');
    await on.page.keyboard.press('y');
    await on.until(() => nearbox.state.frame === '001' && nearbox.labels().length === 1);
    expect(await on.label()).toMatchObject({ id: '1', box: TRUTH, state: 'draft', method: 'copied' });
    await on.complete();
    expect(await on.text('frame-title')).toContain('001 (2 of 3)');
    await on.page.locator('#frame-slider').fill('2');
    await on.until(() => nearbox.state.frame === '002');
    await on.page.click('#frame-list button[data-frame="000"]');
    await on.until(() => nearbox.state.frame === '000' && nearbox.labels()[0]!.state === 'accepted');
    await on.page.keyboard.press('Control+z');
    await on.until(() => nearbox.state.frame === '001' && nearbox.labels().length === 0);
  });

  it.each(['openlabel', 'kitti', 'nuscenes', 'nuscenes-tables', 'json'])(
    'exports %s and imports it again',
    async (format) => {
      await on.clickCar();
      await on.page.keyboard.press('Space');
      const download = on.page.waitForEvent('download');
      await on.page.click('#export summary');
      await on.page.click(`#export-menu [data-format="${format}"]`);
      const file = path.join(on.folder, `${format}-${(await download).suggestedFilename()}`);
      await (await download).saveAs(file);
      expect((await readFile(file)).byteLength).toBeGreaterThan(100);
      await on.page.keyboard.press('n');
      await on.page.keyboard.press('Delete');
      await on.has(0);
      await on.page.setInputFiles('#import-files', file);
      await on.has(1);
      const [label] = await on.labels();
      expect(label).toMatchObject({ id: '1', class: 'car', state: 'accepted' });
      expect(iou3d(label!.box, TRUTH)).toBeGreaterThan(0.999);
      await on.page.keyboard.press('Control+z');
      await on.has(0);
    },
  );

  it('has the work again after a reload', async () => {
    await on.clickCar();
    await on.page.keyboard.press('x');
    const before = await on.labels();
    await on.page.reload();
    await on.complete();
    expect(await on.labels()).toEqual(before);
    expect((await on.state()).selected).toBe('1');
  });

  it('colours by height, intensity, distance and class, dark and light', async () => {
    await on.clickCar();
    for (const mode of ['intensity', 'distance', 'class', 'height']) {
      await on.page.keyboard.press('m');
      expect((await on.state()).colour).toBe(mode);
    }
    await on.page.selectOption('#theme', 'light');
    expect(await on.page.getAttribute('html', 'data-look')).toBe('light');
    await on.page.selectOption('#theme', 'dark');
    expect(await on.page.getAttribute('html', 'data-look')).toBe('dark');
    expect(on.complaints).toEqual([]);
  });

  it('asks for a key where the server wants one', async () => {
    on.service.key = 'sesame';
    await on.page.goto(on.service.url);
    await on.page.fill('#key-input', 'sesame');
    await on.page.click('#key-dialog button[value=ok]');
    await on.complete();
    expect((await on.state()).frames).toHaveLength(3);
  });
});
