/** The page without a mouse, and as a screen reader has it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { iou3d } from '../../inference/boxes/index.ts';
import type { WireRegion } from './api/index.ts';
import { answer, canTest, ON_CAR, TRUTH, usePage } from './testing/fixture/index.ts';

describe.runIf(canTest)('the page without a mouse', { timeout: 120_000 }, () => {
  const on = usePage();
  const press = (key: string) => on.page.keyboard.press(key);

  /**
   * Moves and zooms the view by keys until a place is at the cross and large enough, as a person does who
   * sees where it is.
   */
  async function bringToCross(): Promise<void> {
    const { x, y, width, height } = (await on.page.locator('#view-main').boundingBox())!;
    for (let presses = 0; presses < 80; presses++) {
      await on.complete();
      const [px, py] = await on.pixel(ON_CAR);
      const [dx, dy] = [px - (x + width / 2), py - (y + height / 2)];
      const [beside] = await on.pixel([ON_CAR[0] + 1, ON_CAR[1], ON_CAR[2]]);
      if (Math.max(Math.abs(dx), Math.abs(dy)) > 25) {
        if (Math.abs(dx) > Math.abs(dy)) await press(dx > 0 ? 'ArrowRight' : 'ArrowLeft');
        else await press(dy > 0 ? 'ArrowDown' : 'ArrowUp');
      } else if (beside - px < 60) await press('+');
      else return;
    }
    throw new Error('the keys did not get there');
  }

  /** Presses Tab until an element has the focus. */
  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 80; presses++) {
      if (await on.page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector))
        return;
      await press('Tab');
    }
    throw new Error(`Tab never came to ${selector}`);
  }

  it('goes from opening to the exported file and back', async () => {
    await bringToCross();
    await press('h');
    await on.has(1);
    const { position } = on.service.asked[0]!.region as Extract<WireRegion, { type: 'click' }>;
    expect(Math.hypot(...position.map((value, k) => value - ON_CAR[k]!))).toBeLessThan(0.8);
    await press('2');
    await press('q');
    await press('Shift+A');
    expect(await on.label()).toMatchObject({ class: 'van', edited: true });
    await press('Control+z');
    await press('Control+z');
    expect(await on.label()).toMatchObject({ class: 'van', box: TRUTH });
    await tabTo('#size-0');
    await on.page.keyboard.type('5');
    await press('Enter');
    expect((await on.label()).box.size[0]).not.toBe(TRUTH.size[0]);
    await press('Control+z');
    await press('Enter');
    expect(await on.label()).toMatchObject({ class: 'van', state: 'accepted', box: TRUTH });

    await tabTo('#export summary');
    await press('Enter');
    const download = on.page.waitForEvent('download');
    await press('Tab');
    await press('Enter');
    const file = path.join(on.folder, (await download).suggestedFilename());
    await (await download).saveAs(file);
    expect(await readFile(file, 'utf8')).toContain('"van"');
    expect(await on.page.evaluate(() => document.activeElement?.localName)).toBe('summary');

    await press('n');
    await press('Delete');
    await on.has(0);
    const chooser = on.page.waitForEvent('filechooser');
    await tabTo('#import');
    await press('Enter');
    await (await chooser).setFiles(file);
    await on.has(1);
    expect(await on.label()).toMatchObject({ class: 'van', state: 'accepted' });

    await press('.');
    await on.page.waitForFunction(() => document.querySelector('#frame-title')?.textContent?.includes('001'));
    await press('?');
    expect(await on.page.locator('dialog.sheet').isVisible()).toBe(true);
    await press('Escape');
    expect(await on.page.locator('dialog.sheet').isVisible()).toBe(false);
  });

  it('puts a rough box of the chosen class at the cross with K', async () => {
    await bringToCross();
    await press('2');
    on.service.predict = async ({ region }) => answer({ box: TRUTH, class: 'van', id: region.type });
    await press('k');
    await on.has(1);
    const [question] = on.service.asked;
    expect(question).toMatchObject({ class: 'van', region: { type: 'box', size: [5.1, 2, 2.1] } });
    const { center } = question!.region as unknown as { center: number[] };
    expect(Math.hypot(center[0]! - ON_CAR[0], center[1]! - ON_CAR[1])).toBeLessThan(0.8);
    expect(center[2]! - 2.1 / 2).toBeCloseTo(-1.7, 1);
    expect(iou3d((await on.label()).box, TRUTH)).toBeGreaterThan(0.999);
  });

  it('has names and roles for everything, and says which box is selected', async () => {
    const role = on.page.getByRole.bind(on.page);
    for (const name of [
      'Undo',
      'Redo',
      'Keys and mouse',
      'Copy to next frame',
      'Import',
      'Accept',
      'Fit again',
    ])
      expect(await role('button', { name }).first().count(), name).toBe(1);
    for (const name of ['Tool', 'Class'])
      expect(await role('group', { name, exact: true }).count(), name).toBe(1);
    for (const name of ['Frames and boxes', 'Views of the selected box'])
      expect(await role('complementary', { name }).count(), name).toBe(1);
    for (const name of ['From above', 'From the right side', 'From behind'])
      expect(await role('application', { name }).count(), name).toBe(1);
    for (const name of ['Length m', 'Width m', 'Height m', 'Yaw °', 'x m', 'y m', 'z m'])
      expect(await role('spinbutton', { name, exact: true }).count(), name).toBe(1);
    expect(await role('slider', { name: 'Frame' }).count()).toBe(1);
    expect(await role('combobox').count()).toBe(2);
    expect(await role('main', { name: /question mark shows all keys/ }).count()).toBe(1);
    const faults = await on.page.evaluate(() => {
      const named = (element: Element) =>
        element.getAttribute('aria-label') ?? (element.closest('label') ?? element).textContent?.trim();
      const controls = [...document.querySelectorAll('button, input, select, summary, [tabindex], dialog')];
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
      return {
        nameless: controls.filter((element) => !named(element)).map((element) => element.outerHTML),
        twice: ids.filter((id, index) => ids.indexOf(id) !== index),
        positive: [...document.querySelectorAll<HTMLElement>('[tabindex]')].filter(
          (element) => element.tabIndex > 0,
        ).length,
        graphics: document.querySelectorAll('svg:not([aria-hidden=true]), canvas:not([aria-hidden=true])')
          .length,
        language: document.documentElement.lang,
      };
    });
    expect(faults).toEqual({ nameless: [], twice: [], positive: 0, graphics: 0, language: 'en' });
    await on.clickCar();
    expect(await on.text('announcement')).toBe('car 1 selected, score 0.93, network, draft');
    await press('Space');
    expect(await on.text('announcement')).toBe('');
    await press('n');
    expect(await on.text('announcement')).toBe('car 1 selected, score 0.93, network, accepted');
    expect(await role('button', { name: /^car 1 0\.93/, pressed: true }).count()).toBe(1);
  });
});
