/** Rough boxes and lassos in every view of the page, and the boxes that they give. */
import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import { type Box, iou3d } from '../../inference/boxes/index.ts';
import type { WireRegion } from './api/index.ts';
import type { TestApi } from './test-api.ts';
import { answer, canTest, TRUTH, usePage } from './testing/fixture/index.ts';

declare const nearbox: TestApi;

type Frustum = Extract<WireRegion, { type: 'frustum' }>;
type Polygon = Extract<WireRegion, { type: 'polygon' }>;

/** Where a region's matrix takes a place: x and y in normalised device coordinates. */
function throughMatrix({ viewProjection: m }: Frustum, [x, y, z]: readonly number[]): [number, number] {
  const clip = [0, 1, 3].map((row) => m[row]! * x! + m[4 + row]! * y! + m[8 + row]! * z! + m[12 + row]!);
  return [clip[0]! / clip[2]!, clip[1]! / clip[2]!];
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

describe.runIf(canTest)('hints that are drawn', { timeout: 90_000 }, () => {
  const on = usePage();

  const dragAcross = async (halfway?: () => Promise<unknown>) =>
    on.drag(await on.pixel([7.4, 2.2, -1.7]), await on.pixel([12.6, 5.8, -1.7]), {
      key: 'Shift',
      ...(halfway && { halfway }),
    });

  it('Shift-drag: the rough box is shown while it is drawn, and asked for', async () => {
    await dragAcross(() => on.page.waitForSelector('#view-main .drawn'));
    await on.has(1);
    const { region } = on.service.asked[0]!;
    expect(region.type).toBe('box');
    const drawn = region as unknown as Box;
    expect(drawn.center[0]).toBeCloseTo(10, 0);
    expect(drawn.center[1]).toBeCloseTo(4, 0);
    expect(drawn.size[0]).toBeGreaterThan(4);
    expect(drawn.size[2]).toBeGreaterThan(1.2);
    expect(await on.label()).toMatchObject({ box: TRUTH, method: 'model' });
  });

  it('keeps a drawn box that the network is unsure of, fits it geometrically, and says so', async () => {
    on.service.predict = async () => answer({ score: 0.31, box: { ...TRUTH, center: [30, 30, 0] } });
    await dragAcross();
    await on.has(1);
    const { box, method, note } = await on.label();
    expect(method).toBe('local');
    expect(note).toBe('The network is unsure (0.31). Your box was fitted in the page.');
    expect(iou3d(box, TRUTH)).toBeGreaterThan(0.3);
    expect(await on.text('message')).toContain('fitted in the page');
    expect(await on.text('note')).toContain('unsure');
  });

  it('keeps a drawn box when the server cannot be reached', async () => {
    await on.context.route('**/v1/predictions', (route) => route.abort());
    await dragAcross();
    await on.has(1);
    expect(await on.label()).toMatchObject({ method: 'local', note: expect.stringContaining('reached') });
    expect(iou3d((await on.label()).box, TRUTH)).toBeGreaterThan(0.3);
  });

  it('lasso in the main view: a frustum', async () => {
    await on.lasso(await on.pixel([9.2, 3.4, -0.9]), 60);
    await on.has(1);
    expect(on.service.asked).toHaveLength(1);
    const region = on.service.asked[0]!.region as Frustum;
    expect(region.type).toBe('frustum');
    expect(region.viewProjection).toHaveLength(16);
    expect(region.ring.flat().every((value) => Math.abs(value) <= 1)).toBe(true);
    const [x, y] = throughMatrix(region, [9.2, 3.4, -0.9]);
    const [left, right] = extent(region.ring.map(([value]) => value));
    const [low, high] = extent(region.ring.map(([, value]) => value));
    expect(x > left && x < right && y > low && y < high).toBe(true);
  });

  it('lasso where the server cannot read frusta: the box around what was lassoed', async () => {
    on.service.predict = async ({ region }) => {
      if (region.type === 'frustum') throw new NearboxError('not_implemented', 'no frustum here');
      return answer();
    };
    await on.lasso(await on.pixel([9.2, 3.4, -0.9]), 60);
    await on.has(1);
    expect(on.service.asked.map(({ region }) => region.type)).toEqual(['frustum', 'box']);
    expect(iou3d(on.service.asked[1]!.region as unknown as Box, TRUTH)).toBeGreaterThan(0.2);
  });

  it('hints around the selected box in its own views fit that object again: polygon, frustum, box', async () => {
    const first = { ...TRUTH, yaw: 0.2 };
    on.service.predict = async () => answer({ id: 'first', box: first });
    await on.clickCar();
    await on.page.waitForSelector('#view-top .handle');
    const centre = TRUTH.center;

    on.service.predict = async () => answer({ id: 'second' });
    await on.lasso(await on.pixel(centre, 'top'), 95);
    await on.until(() => nearbox.labels()[0]?.prediction?.id === 'second');
    const top = on.service.asked[1]!;
    expect(top.boxes).toBeUndefined();
    const { type, ring } = top.region as Polygon;
    expect(type).toBe('polygon');
    const [west, east] = extent(ring.map(([x]) => x));
    expect(west).toBeLessThan(centre[0] - 0.8);
    expect(east).toBeGreaterThan(centre[0] + 0.8);
    expect(await on.label()).toMatchObject({ box: TRUTH });

    on.service.predict = async () => answer({ id: 'third', box: first });
    await on.lasso(await on.pixel(centre, 'rear'), 60);
    await on.until(() => nearbox.labels()[0]?.prediction?.id === 'third');
    const rear = on.service.asked[2]!.region as Frustum;
    expect(rear.type).toBe('frustum');
    const [x] = throughMatrix(rear, centre);
    const [left, right] = extent(rear.ring.map(([value]) => value));
    expect(x > left && x < right).toBe(true);

    on.service.predict = async () => answer({ id: 'fourth' });
    const [cx, cy] = await on.pixel(centre, 'top');
    await on.drag([cx - 70, cy - 95], [cx + 70, cy + 95], { key: 'Shift' });
    await on.until(() => nearbox.labels()[0]?.prediction?.id === 'fourth');
    const drawn = on.service.asked[3]!.region as unknown as Box;
    expect(iou3d(drawn, TRUTH)).toBeGreaterThan(0.25);
    expect(await on.labels()).toHaveLength(1);

    for (const yaw of [first.yaw, TRUTH.yaw, first.yaw]) {
      await on.page.keyboard.press('Control+z');
      expect((await on.label()).box.yaw).toBe(yaw);
    }
  });

  it('what was said of the last act goes with the next one, in the panels as well', async () => {
    await on.clickCar();
    for (const next of ['#object-list [data-id="1"]', '#classes button', '#timeline .track-name']) {
      await on.page.evaluate(() => nearbox.run('letGo'));
      await on.page.evaluate(() => nearbox.run('lock'));
      expect(await on.text('message')).toBe('Select a box first.');
      await on.page.evaluate((one) => document.querySelector<HTMLElement>(one)!.click(), next);
      await expect.poll(() => on.text('message')).toBe('');
    }
  });

  it('a click on another object in a side view asks for that one', async () => {
    await on.clickCar();
    await on.page.waitForSelector('#view-top .handle');
    on.service.predict = async () => answer({ box: { ...TRUTH, center: [7, 3, -1] } });
    await on.page.mouse.click(...(await on.pixel([8.1, 1.9, -1.7], 'top')));
    await on.has(2);
    expect(on.service.asked[1]).toMatchObject({ region: { type: 'click' }, boxes: [TRUTH] });
  });
});
