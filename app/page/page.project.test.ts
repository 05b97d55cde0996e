/**
 * What a project teaches, on the real server: boxes drawn as the project draws them, faces that a hand has
 * placed, notes of what became of answers, and the checks of finished work.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../server/index.ts';
import type { FeedbackNote, PageQuestion } from './api/index.ts';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, RealPage, servePages } from './testing/real/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('a project in the page', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: RunningServer;
  let folder: string;
  let on: RealPage;
  let asked: PageQuestion[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-project-'));
    browser = await launchChromium();
    server = await servePages({ feedback: folder });
  }, 180_000);
  beforeEach(async () => {
    on = await RealPage.open(browser, server, '000000', { learns: true });
    asked = [];
    on.page.on('request', (request) => {
      if (request.url().endsWith('/v1/predictions')) asked.push(request.postDataJSON());
    });
  }, 180_000);
  afterEach(() => on?.close());
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The notes that the server has stored: all tests so far, in the order of their decisions. */
  const storedNotes = async (): Promise<readonly FeedbackNote[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const texts = await Promise.all(
      files.map(({ parentPath, name }) => readFile(path.join(parentPath, name), 'utf8')),
    );
    return texts
      .map((text) => JSON.parse(text) as FeedbackNote)
      .sort((a, b) => String(a.at).localeCompare(String(b.at)));
  };

  it('learns from accepted boxes, says so, and can be switched off', async () => {
    const cars = await demoObjects(0);
    await on.click(cars[0]!);
    expect(await on.page.locator('#profile').isVisible()).toBe(false);
    await on.press('Space');
    await on.until(() => nearbox.state.learnt !== null);
    await on.page.waitForSelector('#profile:visible');
    expect(await on.page.textContent('#profile')).toBe('drawn like 1 car of this project');
    await on.click(cars[1]!);
    expect(asked[0]).not.toHaveProperty('profile');
    expect(asked[1]!.profile).toMatchObject({
      format: 'nearbox-profile-1',
      classes: { car: { objects: 1 } },
    });
    await on.press('Space');
    await on.until(() => nearbox.state.learnt?.counts.car === 2);
    expect(await on.page.textContent('#profile')).toBe('drawn like 2 cars of this project');
    await on.press('Shift+J');
    expect(await on.page.getAttribute('#profile', 'aria-pressed')).toBe('false');
    await on.click(cars[2]!);
    expect(asked[2]).not.toHaveProperty('profile');
    await on.page.reload();
    await on.complete();
    expect(await on.page.evaluate(() => nearbox.state.learnt?.counts)).toEqual({ car: 2 });
    expect(await on.page.getAttribute('#profile', 'aria-pressed')).toBe('false');
    expect(on.complaints).toEqual([]);
  });

  it('a face that was placed stays, and the rest is fitted around it', async () => {
    const [car] = await demoObjects(0);
    await on.click(car!);
    expect(await on.page.isDisabled('#fit-rest')).toBe(true);
    await on.page.hover('#view-top');
    for (let k = 0; k < 4; k++) await on.press('Shift+W');
    expect((await on.state()).placed).toEqual(['front']);
    const { box: placed, id } = (await on.labels())[0]!;
    await on.page.click('#fit-rest');
    await on.until(() => nearbox.state.pending.length === 0 && nearbox.labels()[0]?.method === 'model');
    await on.until(() => nearbox.labels()[0]?.edited === false);
    expect(asked.at(-1)).toMatchObject({ keep: ['front'], region: { type: 'box' } });
    const { box } = await on.label(id);
    const front = ({ center: [x, y], size: [length], yaw }: typeof box) =>
      x * Math.cos(yaw) + y * Math.sin(yaw) + length / 2;
    expect(front(box)).toBeCloseTo(front(placed), 5);
    expect(box).not.toEqual(placed);
  });

  it('tells the server what became of its answers, once', async () => {
    const cars = await demoObjects(0);
    const before = await storedNotes();
    // The browser asks here from the start: a rule that begins in mid-request hides that request.
    let isCut = false;
    await on.page.route('**/v1/feedback', (route) => (isCut ? route.abort() : route.continue()));
    await on.click(cars[0]!);
    await on.press('Space');
    await on.click(cars[1]!);
    await on.press('e');
    await on.press('Space');
    await on.click(cars[2]!);
    isCut = true;
    await on.press('Delete');
    await on.page.waitForFunction(() =>
      (localStorage.getItem('nearbox.feedback') ?? '').includes('rejected'),
    );
    isCut = false;
    await on.page.waitForFunction(() => localStorage.getItem('nearbox.feedback') === '[]', undefined, {
      timeout: 60_000,
    });
    const keys = new Set(before.map(({ key }) => key));
    const noted = (await storedNotes()).filter(({ key }) => !keys.has(key));
    expect(noted.map(({ outcome }) => outcome)).toEqual(['accepted', 'corrected', 'rejected']);
    expect(noted[0]).toMatchObject({ cloud: { id: '000000' }, class: 'car', prediction: expect.any(String) });
    expect(noted[0]!.proposed).toMatchObject({ score: expect.any(Number), model: expect.any(String) });
  });

  it('checks finished work, and each finding goes to its box', async () => {
    const [car] = await demoObjects(0);
    const { id } = await on.click(car!);
    await on.press('Shift+V');
    await on.until(() => document.querySelector('#checks-count')?.textContent === 'Nothing to look at.');
    await on.page.fill('#size-0', '9');
    await on.page.keyboard.press('Escape');
    await on.page.fill('#centre-2', '3');
    await on.page.keyboard.press('Escape');
    await on.until(() => document.querySelectorAll('.finding').length >= 2);
    await on.press('.');
    await on.isOpen('000001');
    const found = await on.page.locator('.finding').allTextContents();
    expect(found).toContainEqual(`000000 car ${id} has no points`);
    expect(found).toContainEqual(`000000 car ${id} a side of 9.00 m is unusual for its class`);
    await on.page.locator('.finding').first().click();
    await on.isOpen('000000');
    expect((await on.state()).selected).toBe(id);
    await on.press('Control+z');
    await on.press('Control+z');
    await on.until(() => document.querySelector('#checks-count')?.textContent === 'Nothing to look at.');
    expect(on.complaints).toEqual([]);
  });
});
