/** The page under fingers: taps, drags, two fingers that spread, and drawing. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from './test-api.ts';
import { Fingers } from './testing/browser/index.ts';
import { canTest, ON_CAR, TRUTH, usePage } from './testing/fixture/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('the page under fingers', { timeout: 120_000 }, () => {
  const on = usePage();
  let fingers: Fingers;
  beforeEach(async () => {
    fingers = await Fingers.on(on.page);
  });

  const middle = async (id: string): Promise<[number, number]> => {
    const { x, y, width, height } = (await on.page.locator(`#${id}`).boundingBox())!;
    return [x + width / 2, y + height / 2];
  };
  /** Page pixels that a metre takes in a view, at the car. */
  const pixelsPerMetre = async (view: 'main' | 'side') => {
    const [a, b] = [await on.pixel(TRUTH.center, view), await on.pixel([11, 4, TRUTH.center[2]], view)];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };

  /** Where a line of the cloud goes on the screen, radians. */
  const along = async () => {
    const [a, b] = [await on.pixel(TRUTH.center), await on.pixel([11, 4, TRUTH.center[2]])];
    return Math.atan2(b[1] - a[1], b[0] - a[0]);
  };

  it('a tap on an object has its box, a tap on the box selects it, a tap on bare ground lets go', async () => {
    await fingers.tap(await on.pixel(ON_CAR));
    await on.has(1);
    expect(on.service.asked).toHaveLength(1);
    expect((await on.state()).selected).toBe('1');
    await fingers.tap(await middle('undo'));
    await on.has(0);
    await fingers.tap(await middle('redo'));
    await on.has(1);
    await on.page.evaluate(() => nearbox.run('letGo'));
    await fingers.tap(await on.pixel(ON_CAR));
    await on.until(() => nearbox.state.selected === '1');
    await fingers.tap(await on.pixel([4, -3, -1.7]));
    await on.until(() => nearbox.state.selected === null);
    expect(on.service.asked).toHaveLength(1);
  });

  it('one finger turns the view, two zoom and move it; none of that is a click', async () => {
    const centre = await middle('view-main');
    const before = await pixelsPerMetre('main');
    await fingers.pinch(centre, { before: 120, after: 300 });
    await on.complete();
    const zoomed = await pixelsPerMetre('main');
    expect(zoomed / before).toBeGreaterThan(1.5);
    const [x] = await on.pixel(TRUTH.center);
    await fingers.pinch(centre, { before: 200, after: 200, by: [-90, 0] });
    await on.complete();
    expect((await on.pixel(TRUTH.center))[0] - x).toBeLessThan(-50);
    const heading = await along();
    await fingers.drag(centre, [centre[0] + 150, centre[1]]);
    await on.complete();
    expect(Math.abs((await along()) - heading)).toBeGreaterThan(0.2);
    // One finger stays where it was when the other one comes and goes.
    const [px, py] = await on.pixel(ON_CAR);
    await fingers.press([[px, py]]);
    await fingers.press([
      [px, py],
      [px + 90, py],
    ]);
    await fingers.move([
      [px, py],
      [px + 92, py],
    ]);
    await fingers.lift();
    await on.complete();
    expect(on.service.asked).toEqual([]);
    expect(await on.labels()).toEqual([]);
  });

  it('draws with the tools of the bar; a second finger draws nothing', async () => {
    await fingers.tap(await middle('tool-box'));
    const [x, y] = await on.pixel(TRUTH.center);
    const [zoom, heading] = [await pixelsPerMetre('main'), await along()];
    await fingers.press([[x - 60, y - 40]]);
    await fingers.move([[x, y]]);
    await fingers.press([
      [x, y],
      [x + 300, y + 200],
    ]);
    await fingers.move([
      [x + 60, y + 40],
      [x + 150, y - 150],
    ]);
    await fingers.lift();
    await on.has(1);
    expect(on.service.asked).toHaveLength(1);
    const [{ region }] = on.service.asked as unknown as [{ region: { type: string; center: number[] } }];
    expect(region.type).toBe('box');
    expect(Math.hypot(region.center[0]! - TRUTH.center[0], region.center[1]! - TRUTH.center[1])).toBeLessThan(
      1,
    );
    // The camera stays; the view is a little lower or higher, as the timeline has another row.
    expect((await pixelsPerMetre('main')) / zoom).toBeCloseTo(1, 1);
    expect(await along()).toBeCloseTo(heading, 2);
    await fingers.tap(await middle('tool-lasso'));
    await on.page.evaluate(() => nearbox.run('letGo'));
    const corners = Array.from({ length: 17 }, (_, k): [number, number] => [
      x + 70 * Math.cos((k / 8) * Math.PI),
      y + 70 * Math.sin((k / 8) * Math.PI),
    ]);
    await fingers.press([corners[0]!]);
    for (const corner of corners) await fingers.move([corner]);
    await fingers.lift();
    await on.until(() => nearbox.labels().length === 2);
    expect(on.service.asked[1]!.region.type).toBe('frustum');
  });

  it('edits by handles in the views of the box, and two fingers zoom these', async () => {
    await fingers.tap(await on.pixel(ON_CAR));
    await on.has(1);
    await on.page.waitForSelector('#view-top .handle');
    const before = await pixelsPerMetre('side');
    // On the box itself, which is not moved by that.
    await fingers.pinch(await middle('view-side'), { before: 100, after: 160 });
    await on.complete();
    expect((await on.label()).box).toEqual(TRUTH);
    expect((await pixelsPerMetre('side')) / before).toBeCloseTo(1.6, 1);
    const { x, y, width, height } = (await on.page.locator('#view-side .handle.ns').first().boundingBox())!;
    const at = [x + width / 2, y + height / 2] as const;
    await fingers.drag(at, [at[0], at[1] + 25]);
    const { box, edited } = await on.label();
    expect(edited).toBe(true);
    expect(box.size[2]).not.toBeCloseTo(TRUTH.size[2], 1);
    expect(box.size.slice(0, 2)).toEqual(TRUTH.size.slice(0, 2));
    await on.page.evaluate(() => nearbox.run('undo'));
    expect((await on.label()).box).toEqual(TRUTH);
    expect(on.complaints).toEqual([]);
  });
});
