/** Own classes and attributes on the real server: from its file, in the page, in labels, and in files. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ontology } from '../ontology/index.ts';
import type { RunningServer } from '../server/index.ts';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

const ONTOLOGY: Ontology = {
  version: 1,
  classes: [
    { name: 'limousine', like: 'car', colour: '#ff8800', key: '3' },
    { name: 'delivery', like: 'van', key: 'Alt+1' },
    { name: 'pedestrian' },
  ],
  attributes: [
    { name: 'parked', kind: 'boolean' },
    { name: 'doors', kind: 'number', least: 0, most: 6, classes: ['delivery'] },
    { name: 'hidden', kind: 'choice', choices: ['no', 'partly'], per: 'frame' },
    { name: 'remark', kind: 'text' },
  ],
};

describe.runIf(canTest)('an ontology in the page', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;
  let on: RealPage;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-ontology-'));
    const ontology = path.join(folder, 'ontology.json');
    await writeFile(ontology, JSON.stringify(ONTOLOGY));
    browser = await launchChromium();
    server = await servePages({ ontology, labels: path.join(folder, 'labels') });
  }, 180_000);
  beforeEach(async () => {
    on = await RealPage.open(browser, server, '000000');
  }, 180_000);
  afterEach(() => on?.close());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const chips = () => on.page.locator('#classes .chip').allTextContents();

  it('has the server’s classes with their keys; attributes are kept through saving, tracks and files', async () => {
    expect(await chips()).toEqual(['limousine3', 'deliveryAlt+1', 'pedestrian1']);
    const { id } = await on.click((await demoObjects(0))[0]!);
    expect(await on.label(id)).toMatchObject({ class: 'car', ownClass: 'limousine' });
    expect(await on.page.locator('#attributes .attribute').count()).toBe(3);
    await on.press('Alt+1');
    expect(await on.label(id)).toMatchObject({ class: 'van', ownClass: 'delivery' });
    await on.press('y');
    await on.isOpen('000001');
    await on.press(',');
    await on.isOpen('000000');
    await on.page.getByLabel('doors').fill('7');
    await on.press('Enter');
    await on.until(() => nearbox.state.message?.text === 'doors must be a number from 0 to 6.');
    await on.page.getByLabel('doors').fill('4');
    await on.press('Enter');
    await on.page.getByLabel('parked').check();
    await on.page.getByLabel('hidden').selectOption('partly');
    const whole = { doors: 4, parked: true };
    expect((await on.label(id)).attributes).toEqual({ ...whole, hidden: 'partly' });
    expect((await on.label(id, '000001')).attributes).toEqual(whole);
    expect(await on.page.textContent('#object-list')).toContain('delivery');

    await on.press('Escape');
    await on.press('Control+z');
    expect((await on.label(id)).attributes).toEqual(whole);
    await on.press('Control+Shift+Z');
    await on.press('Shift+F');
    await on.until(() => nearbox.state.work.frames['000009']?.labels.length === 1);
    await on.tracked();
    expect(await on.label(id, '000009')).toMatchObject({ ownClass: 'delivery', attributes: whole });

    await on.until(() => nearbox.state.saving.status === 'saved' && nearbox.state.saving.unsent === 0);
    const stored = JSON.parse(await readFile(path.join(folder, 'labels', '000000', '~labels.json'), 'utf8'));
    expect(stored.boxes[0]).toMatchObject({ class: 'van', ownClass: 'delivery', attributes: whole });
    await on.page.reload();
    await on.complete();
    await on.until(() => nearbox.labels().length === 1);
    expect((await on.label(id)).attributes).toEqual({ ...whole, hidden: 'partly' });

    const download = on.page.waitForEvent('download');
    await on.page.click('#export summary');
    await on.page.click('[data-format=openlabel]');
    const file = path.join(folder, 'labels.openlabel.json');
    await (await download).saveAs(file);
    await on.press('n');
    await on.press('Alt+1');
    await on.press('3');
    expect((await on.label(id)).ownClass).toBe('limousine');
    await on.page.setInputFiles('#import-files', file);
    await on.until(
      () => nearbox.labels()[0]?.method !== 'copied' && nearbox.labels()[0]?.ownClass === 'delivery',
    );
    expect((await on.label(id)).attributes).toEqual({ ...whole, hidden: 'partly' });
    expect(on.complaints).toEqual([]);
  });

  it('has pitch and roll where the ontology allows them', async () => {
    const { id, box } = await on.click((await demoObjects(0))[1]!);
    expect(await on.page.locator('#tilt').isVisible()).toBe(false);
    const file = path.join(folder, 'tilt.json');
    await writeFile(file, JSON.stringify({ version: 1, tilt: true }));
    await on.page.setInputFiles('#import-files', file);
    await on.page.waitForSelector('#tilt:visible');
    const upright = await on.page.locator('#view-main .box.selected .wire').getAttribute('d');
    await on.page.getByLabel('Pitch').fill('10');
    await on.page.getByLabel('Roll').fill('-5');
    await on.press('Enter');
    const degrees = Math.PI / 180;
    expect(await on.label(id)).toMatchObject({
      box,
      edited: true,
      tilt: { pitch: expect.closeTo(10 * degrees, 6), roll: expect.closeTo(-5 * degrees, 6) },
    });
    await on.page.waitForFunction(
      (before) => document.querySelector('#view-main .box.selected .wire')?.getAttribute('d') !== before,
      upright,
    );
    await on.press('Control+z');
    await on.press('Control+z');
    expect((await on.label(id)).tilt).toBeUndefined();
    expect(on.complaints).toEqual([]);
  });

  it('takes a file of classes in the page, and says what is wrong with one', async () => {
    const give = async (content: unknown) => {
      const file = path.join(folder, 'own.json');
      await writeFile(file, JSON.stringify(content));
      await on.page.setInputFiles('#import-files', file);
    };
    await give({ version: 1, classes: [{ name: 'tram', key: 'x' }] });
    await on.until(() => nearbox.state.message !== null);
    expect((await on.state()).message).toMatchObject({
      tone: 'error',
      text: 'own.json was not taken. classes[0].key: must be 1 to 9, or Alt+1 to Alt+9.',
    });
    await give({ version: 1, classes: [{ name: 'tram', like: 'bus' }] });
    await on.until(() => nearbox.state.ontology?.classes?.[0]?.name === 'tram');
    expect(await chips()).toEqual(['tram1']);
    await on.press('1');
    expect(await on.page.textContent('#classes-hint')).toBe('the next box: tram');
    expect(on.complaints).toEqual([]);
  });
});
