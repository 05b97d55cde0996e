/**
 * Frames that are opened on slow, stopped and restarted servers: what is shown and what is edited are one
 * state.
 */
import { describe, expect, it } from 'vitest';
import { iou3d } from '../../inference/boxes/index.ts';
import type { PageAnswer } from './api/index.ts';
import type { TestApi } from './test-api.ts';
import { answer, canTest, ON_CAR, TRUTH, usePage } from './testing/fixture/index.ts';
import { held } from './testing/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('frames of the annotation page', { timeout: 120_000 }, () => {
  const on = usePage();
  const boxesOf = (frame: string) =>
    on.page.evaluate((id) => nearbox.state.work.frames[id]?.labels ?? [], frame);
  const isOpen = (frame: string) =>
    on.page.waitForFunction(
      (id) => nearbox.state.frame === id && nearbox.state.opening === null && nearbox.stats().points > 0,
      frame,
      { polling: 60 },
    );

  it('a click while the next frame is on its way is about the frame that is shown', async () => {
    on.service.delayMs = 600;
    await on.page.click('#frame-list button[data-frame="002"]');
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    expect(await on.state()).toMatchObject({ frame: '000', opening: { frame: '002' } });
    expect(await on.text('frame-title')).toBe('000 (1 of 3) · opening 002 …');
    await isOpen('002');
    expect(await on.text('frame-title')).toBe('002 (3 of 3)');
    await on.until(() => nearbox.state.work.frames['000']!.labels.length === 1);
    expect(on.service.asked.map(({ cloud }) => cloud)).toEqual(['000']);
    expect(await boxesOf('002')).toEqual([]);
  });

  it('what a hand has begun when the next frame is there ends in the frame where it began', async () => {
    await on.clickCar();
    await on.page.keyboard.press('Space');
    const { mouse, keyboard } = on.page;
    /** Wants a frame in the middle of something, and waits for so long that it is loaded. */
    const whileHeld = async (name: string, key: string) => {
      await on.page.evaluate((action) => nearbox.run(action), key);
      await on.page.waitForTimeout(700);
      expect(await on.state()).toMatchObject({ opening: { frame: name } });
    };
    const countOf = async () => [(await boxesOf('000')).length, (await boxesOf('001')).length];

    // A lasso and a rough box: the answer is about the points that were circled.
    await keyboard.down('Alt');
    const [x, y] = await on.pixel([9.2, 3.4, -0.9]);
    await mouse.move(x + 60, y);
    await mouse.down();
    for (const [dx, dy] of [
      [0, 60],
      [-60, 0],
    ] as const)
      await mouse.move(x + dx, y + dy, { steps: 4 });
    await whileHeld('001', 'nextFrame');
    expect((await on.state()).frame).toBe('000');
    await mouse.move(x, y - 60, { steps: 4 });
    await mouse.up();
    await keyboard.up('Alt');
    await isOpen('001');
    await on.until(() => nearbox.state.pending.length === 0);
    expect(on.service.asked.at(-1)).toMatchObject({ cloud: '000' });
    expect(await countOf()).toEqual([2, 0]);

    await keyboard.down('Shift');
    await mouse.move(...(await on.pixel([7.4, 2.2, -1.7])));
    await mouse.down();
    await mouse.move(...(await on.pixel([10, 4, -1.7])));
    await whileHeld('000', 'previousFrame');
    await mouse.move(...(await on.pixel([12.6, 5.8, -1.7])));
    await mouse.up();
    await keyboard.up('Shift');
    await isOpen('000');
    await on.until(() => nearbox.state.pending.length === 0);
    expect(on.service.asked.at(-1)).toMatchObject({ cloud: '001' });
    expect(await countOf()).toEqual([2, 1]);

    // A press that becomes a click; one that turns the camera holds nothing.
    await mouse.move(...(await on.pixel([20, -3, -1.7])));
    await mouse.down();
    await whileHeld('001', 'nextFrame');
    await mouse.move(...(await on.pixel([22, -3, -1.7])), { steps: 3 });
    await isOpen('001');
    await mouse.up();
    expect(await countOf()).toEqual([2, 1]);
  });

  it('a handle and a typed number change the box of the frame where they were begun, in one step', async () => {
    await on.clickCar();
    await on.page.keyboard.press('y');
    await isOpen('001');
    const arrives = async (name: string, action: string) => {
      await on.page.evaluate((one) => nearbox.run(one), action);
      await on.page.waitForTimeout(400);
      expect(await on.state()).toMatchObject({ opening: { frame: name } });
    };
    const xs = async () => [
      (await boxesOf('000'))[0]!.box.center[0],
      (await boxesOf('001'))[0]!.box.center[0],
    ];
    const [first] = await xs();
    await on.page.evaluate(() => {
      if (nearbox.state.selected === null) nearbox.run('nextBox');
    });
    await on.page.waitForSelector('#view-top .handle');
    const [x, y] = await on.pixel((await boxesOf('001'))[0]!.box.center, 'top');
    await on.page.mouse.move(x, y);
    await on.page.mouse.down();
    await on.page.mouse.move(x + 10, y);
    await arrives('000', 'previousFrame');
    await on.page.mouse.move(x + 20, y);
    await on.page.mouse.up();
    await isOpen('000');
    const [still, dragged] = await xs();
    expect(still).toBe(first);
    expect(dragged).not.toBe(first);

    await on.page.evaluate(() => {
      if (nearbox.state.selected === null) nearbox.run('nextBox');
    });
    await on.page.fill('#size-0', '4');
    await arrives('001', 'nextFrame');
    await on.page.keyboard.type('.75');
    expect((await on.state()).frame).toBe('000');
    await on.page.keyboard.press('Enter');
    await isOpen('001');
    expect((await boxesOf('000'))[0]!.box.size[0]).toBe(4.75);
    expect((await boxesOf('001'))[0]!.box.size[0]).toBe(TRUTH.size[0]);

    // A field that only has the keyboard shows the box of the frame that comes.
    await on.page.focus('#size-0');
    await on.page.evaluate(() => nearbox.run('previousFrame'));
    await isOpen('000');
    expect(await on.page.inputValue('#size-0')).toBe('4.75');
    await on.page.keyboard.press('Escape');
    await on.page.keyboard.press('Control+z');
    expect((await boxesOf('000'))[0]!.box.size[0]).toBe(TRUTH.size[0]);
  });

  it('a drag or a number in the middle of which another box comes, or is selected, changes no other box', async () => {
    await on.clickCar();
    const other = { ...TRUTH, center: [20, -3, -1] as const };
    const { mouse, keyboard } = on.page;
    /** Asks for another object, whose answer is held back. */
    const asked = async () => {
      const answered = held<PageAnswer>();
      on.service.predict = () => answered.promise;
      await on.drag(await on.pixel([18, -5, -1.7]), await on.pixel([22, -1, -1.7]), { key: 'Shift' });
      await on.until(() => nearbox.state.pending.length === 1);
      return answered;
    };
    const boxes = async () => (await on.labels()).map(({ box }) => box);
    const dragFromTop = async () => {
      await on.page.waitForSelector('#view-top .handle');
      const [x, y] = await on.pixel((await on.label('1')).box.center, 'top');
      await mouse.move(x, y);
      await mouse.down();
      await mouse.move(x + 10, y);
      return [x, y] as const;
    };

    const first = await asked();
    const [x, y] = await dragFromTop();
    first.resolve(answer({ box: other }));
    await on.has(2);
    await mouse.move(x + 20, y);
    await mouse.up();
    const [dragged, came] = await boxes();
    expect(dragged!.center).not.toEqual(TRUTH.center);
    expect(came).toEqual(other);
    expect((await on.state()).selected).toBe('1');

    const second = await asked();
    await on.page.fill('#size-0', '4');
    second.resolve(answer({ box: { ...other, center: [28, 3, -1] } }));
    await on.has(3);
    await keyboard.type('.75');
    await keyboard.press('Enter');
    expect((await boxes()).map(({ size }) => size[0])).toEqual([4.75, TRUTH.size[0], TRUTH.size[0]]);

    // A key goes on to the next box in the middle of a drag.
    const before = await boxes();
    const [u, v] = await dragFromTop();
    const halfway = await boxes();
    expect(halfway[0]).not.toEqual(before[0]);
    await keyboard.press('n');
    expect((await on.state()).selected).toBe('2');
    await mouse.move(u + 40, v);
    await mouse.up();
    expect(await boxes()).toEqual(halfway);
  });

  it('an answer that comes when the frame was left goes to that frame, and so does the page’s own fit', async () => {
    const late = held<PageAnswer>();
    on.service.predict = () => late.promise;
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.until(() => nearbox.state.pending.length === 1);
    await on.page.keyboard.press('.');
    await isOpen('001');
    late.resolve(answer());
    await on.until(() => nearbox.state.work.frames['000']!.labels.length === 1);
    expect(await boxesOf('001')).toEqual([]);

    await on.page.evaluate(() => nearbox.setLateAfter(1500));
    on.service.predict = () => held<PageAnswer>().promise;
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.page.keyboard.press('.');
    await isOpen('002');
    await on.until(() => nearbox.state.work.frames['001']!.labels.length === 1);
    const [fitted] = await boxesOf('001');
    expect(fitted).toMatchObject({ method: 'local' });
    expect(iou3d(fitted!.box, TRUTH)).toBeGreaterThan(0.3);
    expect(await boxesOf('002')).toEqual([]);
  });

  it('the server is stopped: nothing moves, work goes on, and the page goes on by itself', async () => {
    await on.service.stop();
    for (let i = 0; i < 5; i++) await on.page.keyboard.press('.');
    await on.until(() => nearbox.state.opening?.problem != null);
    expect(await on.state()).toMatchObject({ frame: '000', opening: { frame: '002' } });
    expect(await on.text('frame-title')).toContain(
      '000 (1 of 3) · opening 002: The server cannot be reached.',
    );
    await on.clickCar();
    expect(await on.label()).toMatchObject({
      method: 'local',
      note: 'The server cannot be reached. The box was fitted in the page.',
    });
    expect(await boxesOf('002')).toEqual([]);
    await on.service.start();
    await isOpen('002');
    expect(await on.text('message')).toBe('');
    expect(await on.text('frame-title')).toBe('002 (3 of 3)');

    // A second outage is like the first.
    await on.service.stop();
    await on.clickCar();
    expect(await on.label('2')).toMatchObject({ method: 'local' });
    expect(iou3d((await on.label('2')).box, TRUTH)).toBeGreaterThan(0.3);
    await on.page.keyboard.press(',');
    await on.until(() => nearbox.state.opening?.problem != null);
    await on.page.keyboard.press('Escape');
    expect(await on.state()).toMatchObject({ frame: '002', opening: null });
    expect(await on.labels()).toHaveLength(1);
  });

  it.each(['cannot be loaded', 'cannot be started'])(
    'fits without the server although its worker %s',
    async (how) => {
      const worker = await on.page.evaluate(() => document.body.dataset.fitWorker!);
      if (how === 'cannot be loaded') await on.page.route(`**${worker}`, (route) => route.abort());
      else
        await on.page.addInitScript(() => {
          globalThis.Worker = class {
            constructor() {
              throw new Error('no workers here');
            }
          } as unknown as typeof Worker;
        });
      await on.page.reload();
      await on.complete();
      await on.service.stop();
      await on.clickCar();
      expect(await on.label()).toMatchObject({ method: 'local' });
      expect(iou3d((await on.label()).box, TRUTH)).toBeGreaterThan(0.3);
    },
  );

  it('an undo after a jump is in the frame of its step, which opens as soon as the server is back', async () => {
    await on.clickCar();
    await on.page.click('#frame-list button[data-frame="002"]');
    await isOpen('002');
    await on.page.reload();
    await isOpen('002');
    await on.complete();
    await on.service.stop();
    await on.page.keyboard.press('Control+z');
    await on.until(() => nearbox.state.work.frames['000']!.labels.length === 0);
    expect(await on.state()).toMatchObject({ frame: '002', opening: { frame: '000' } });
    await on.page.keyboard.press('Control+Shift+z');
    expect(await boxesOf('000')).toMatchObject([{ id: '1' }]);
    expect(await boxesOf('002')).toEqual([]);
    await on.service.start();
    await isOpen('000');
    expect(await on.labels()).toHaveLength(1);
  });

  it('Esc gives a question up that the server never answers', async () => {
    on.service.predict = () => held<PageAnswer>().promise;
    await on.page.mouse.click(...(await on.pixel(ON_CAR)));
    await on.page.waitForSelector('#view-main .marker');
    await on.page.keyboard.press('Escape');
    await on.until(() => nearbox.state.pending.length === 0);
    expect(await on.text('message')).toBe('The question was given up.');
    on.service.predict = async () => answer();
    await on.clickCar();
    expect(await on.text('message')).toBe('');
  });

  it('no frame stays empty, however quickly frames are changed', async () => {
    const empty = await on.page.evaluate(async () => {
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      const found: number[] = [];
      for (let gap = 20; gap <= 200; gap += 12) {
        const [there, back] = gap % 24 === 8 ? ['nextFrame', 'previousFrame'] : ['nextFrame', 'nextFrame'];
        nearbox.run(there);
        await wait(gap);
        nearbox.run(back);
        const end = performance.now() + 8000;
        const isThere = () =>
          nearbox.state.opening === null && nearbox.stats().complete && nearbox.stats().points > 0;
        while (!isThere() && performance.now() < end) await wait(30);
        if (!isThere()) found.push(gap);
        nearbox.run('previousFrame');
        await wait(gap);
        nearbox.run('previousFrame');
        while (!isThere() && performance.now() < end + 8000) await wait(30);
        if (!isThere()) found.push(-gap);
      }
      return found;
    });
    expect(empty).toEqual([]);
  });

  it('copies go to the next frame alone, although the one after it was wanted at once', async () => {
    await on.clickCar();
    on.service.delayMs = 200;
    await on.page.keyboard.press('y');
    await on.page.keyboard.press('.');
    await on.page.keyboard.press('.');
    await on.until(() => nearbox.state.opening === null && nearbox.state.frame !== '000');
    await on.until(() => nearbox.state.work.frames['001']?.labels.length === 1);
    expect(await boxesOf('000')).toHaveLength(1);
    expect((await boxesOf('002')).length).toBe(0);
  });
});
