/**
 * Labels on the storage and in the browser: tabs, people, outages and full disks. Nothing is lost, nothing is
 * there twice.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { PageLabels } from './api/index.ts';
import type { TestApi } from './test-api.ts';
import { holdCalls, LABEL_CALLS } from './testing/browser/index.ts';
import { canTest, TRUTH, usePage } from './testing/fixture/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('labels of the annotation page', { timeout: 120_000 }, () => {
  const on = usePage();
  const polling = { polling: 60 };

  const opened = async (page: Page, url = on.service.url) => {
    await page.goto(url);
    return ready(page);
  };
  const ready = async (page: Page) => {
    await page.waitForFunction(
      () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0,
      undefined,
      polling,
    );
    await page.evaluate(() => nearbox.setLateAfter(60_000));
    return page;
  };
  /** Another tab of the same browser. */
  const newTab = async () => opened(await on.context.newPage());
  /** Another person, with a browser of their own. */
  const otherPerson = async () => opened(await (await on.context.browser()!.newContext()).newPage());
  const saved = (page: Page) =>
    page.waitForFunction(() => nearbox.state.saving.status === 'saved', undefined, polling);
  const stored = (frame = '000') =>
    JSON.parse(on.service.labels.get(frame)!.text) as PageLabels & { boxes: Record<string, unknown>[] };
  /** A box by the car, through the page's own click. */
  const clickCar = async (page: Page, count = 1) => {
    const at = await page.evaluate(([x, y, z]) => nearbox.project([x!, y!, z!]), [8.2, 3.0, -0.9]);
    await page.mouse.click(at![0], at![1]);
    await has(page, count);
  };
  const has = (page: Page, count: number) =>
    page.waitForFunction((n) => nearbox.labels().length === n, count, polling);
  const turn = (page: Page, action: string) => page.evaluate((name) => nearbox.run(name), action);
  const withLabels = async () => {
    on.service.hasLabels = true;
    await opened(on.page);
  };

  it('an export while the server is away has what is here, and says what may be missing', async () => {
    await withLabels();
    await clickCar(on.page);
    await saved(on.page);
    const theirs = stored();
    const write = (frame: string) =>
      on.service.labels.set(frame, {
        text: JSON.stringify({ ...theirs, cloud: { ...theirs.cloud, id: frame } }),
        revision: 1,
      });
    const exported = async () => {
      const download = on.page.waitForEvent('download');
      await on.page.click('#export summary');
      await on.page.click('#export-menu [data-format=json]');
      const file = await readFile((await (await download).path())!, 'utf8');
      return (JSON.parse(file) as { frames: { id: string }[] }).frames.map(({ id }) => id);
    };
    const says = (text: string) =>
      on.page.waitForFunction((wanted) => nearbox.state.message?.text === wanted, text, polling);
    const away = (frames: string) =>
      `The server cannot be reached: labels that it alone has${frames} are not in it.`;

    // A frame of the list that cannot be read.
    write('001');
    await on.page.route('**/v1/labels/001', (route) => route.abort());
    expect(await exported()).toEqual(['000']);
    await says(`labels.json has 1 box. ${away(' (001)')}`);
    await on.page.unroute('**/v1/labels/001');
    expect(await exported()).toEqual(['000', '001']);
    await says('labels.json has 2 boxes.');

    write('002');
    await on.service.stop();
    expect(await exported()).toEqual(['000', '001']);
    const isUnknown = 'Whether the server has another version of 000, 001 by now is not known.';
    await says(`labels.json has 2 boxes. ${away('')} ${isUnknown}`);
    await on.service.start();
    await on.until(() => nearbox.state.isServerReachable);
    expect(await exported()).toEqual(['000', '001', '002']);
    await says('labels.json has 3 boxes.');
  });

  it('are on the storage as one works, with their state', async () => {
    await withLabels();
    await clickCar(on.page);
    await saved(on.page);
    expect(await on.text('saved')).toBe('Saved');
    expect(stored()).toMatchObject({
      version: 1,
      cloud: { id: '000' },
      state: 'open',
      boxes: [{ class: 'car', status: 'proposed', box: TRUTH, source: { prediction: 'p1', score: 0.93 } }],
    });
    await on.page.keyboard.press('Space');
    await on.page.keyboard.press('Shift+Enter');
    await expect.poll(() => stored().state, { timeout: 60_000 }).toBe('done');
    await saved(on.page);
    expect(stored()).toMatchObject({ state: 'done', boxes: [{ status: 'accepted' }] });
    await on.page.keyboard.press('n');
    await on.page.keyboard.press('x');
    await on.until(() => nearbox.labels()[0]!.edited);
    await saved(on.page);
    await expect.poll(() => stored().boxes[0]!.status).toBe('edited');
    expect(await on.page.locator('#object-list .score').first().textContent()).not.toContain('0.93');
    expect(await on.page.locator('#frame-list .frame.done').getAttribute('data-frame')).toBe('000');
    expect(on.complaints).toEqual([]);

    const colleague = await otherPerson();
    expect(await colleague.evaluate(() => nearbox.labels())).toMatchObject([
      { state: 'accepted', edited: true },
    ]);
    expect(await colleague.locator('#frame-list .frame.done .count').textContent()).toBe('1 ✓');
    await colleague.context().close();
  });

  it('are kept through an outage and sent by the next page, once', async () => {
    await withLabels();
    await on.service.stop();
    await clickCar(on.page);
    await on.until(() => nearbox.state.saving.status === 'offline');
    expect(await on.text('saved')).toBe('Offline: 1 frame kept in this browser, sent later');
    await on.page.close();
    await on.service.start();
    expect(on.service.labels.size).toBe(0);
    const page = await newTab();
    await has(page, 1);
    await saved(page);
    expect(stored().boxes).toHaveLength(1);
    expect(on.service.labelWrites).toBe(1);
  });

  it('of two people who work on one frame are both there', async () => {
    await withLabels();
    await clickCar(on.page);
    await saved(on.page);
    const colleague = await otherPerson();
    // Both change the same box, and one page hears nothing of the other until it has its own change.
    const letGo = await holdCalls(on.page, LABEL_CALLS);
    const first = stored().boxes;
    await turn(colleague, 'nextBox');
    await turn(colleague, 'flip');
    await expect.poll(() => stored().boxes).not.toEqual(first);
    await saved(colleague);
    await turn(on.page, 'class:van');
    await letGo();
    await has(on.page, 2);
    await saved(on.page);
    expect(await on.text('message')).toContain('Both versions are kept.');
    const boxes = stored().boxes;
    expect(boxes).toHaveLength(2);
    expect(boxes.map((box) => box.class).sort()).toEqual(['car', 'van']);
    expect(boxes.map((box) => box.conflictsWith !== undefined).sort()).toEqual([false, true]);
    // The annotator decides for their own version.
    await on.page.evaluate(() => {
      while (nearbox.labels().find(({ id }) => id === nearbox.state.selected)?.class !== 'van')
        nearbox.run('nextBox');
    });
    await on.page.click('#keep-version');
    await has(on.page, 1);
    expect(await on.text('message')).toBe('');
    await expect.poll(() => stored().boxes.map((box) => box.class)).toEqual(['van']);
    await colleague.context().close();
  });

  it('in this browser: tabs see each other’s boxes, and none is lost', async () => {
    await clickCar(on.page);
    const second = await newTab();
    await has(second, 1);
    await turn(second, 'nextBox');
    await turn(second, 'flip');
    await on.until(() => nearbox.labels()[0]!.edited);
    await turn(on.page, 'nextBox');
    await turn(on.page, 'remove');
    await has(second, 0);
    expect(await on.text('saved')).toBe('Saved in this browser');
  });

  it('in this browser: a tab that heard nothing of the others loses nothing of theirs, nor of its own', async () => {
    await clickCar(on.page);
    const stale = await on.context.newPage();
    await stale.addInitScript(() => {
      BroadcastChannel.prototype.addEventListener = () => undefined;
    });
    await opened(stale);
    await has(stale, 1);
    await turn(on.page, 'class:van');
    await turn(on.page, 'done');
    await saved(on.page);
    expect(await stale.evaluate(() => nearbox.labels())).toMatchObject([{ class: 'car' }]);
    await turn(stale, 'nextBox');
    await turn(stale, 'flip');
    await has(stale, 2);
    expect(await stale.locator('#message').textContent()).toContain('Both versions are kept.');
    await has(on.page, 2);
    const versions = (page: Page) =>
      page.evaluate(() =>
        nearbox
          .labels()
          .map((label) => `${label.class} ${label.edited} ${label.conflictsWith ?? ''}`)
          .sort(),
      );
    expect(await versions(stale)).toEqual(['car true 1', 'van false ']);
    expect(await versions(on.page)).toEqual(await versions(stale));
    await stale.reload();
    await ready(stale);
    expect(await versions(stale)).toEqual(await versions(on.page));
    expect(await stale.evaluate(() => nearbox.state.work.frames['000']!.isDone)).toBe(true);
  });

  it('undo goes on after a reload', async () => {
    await clickCar(on.page);
    await turn(on.page, 'flip');
    await turn(on.page, 'accept');
    await on.page.reload();
    await on.complete();
    expect(await on.labels()).toMatchObject([{ state: 'accepted', edited: true }]);
    for (let i = 0; i < 2; i++) await on.page.keyboard.press('Control+z');
    expect(await on.labels()).toMatchObject([{ state: 'draft', edited: false, box: TRUTH }]);
    await on.page.keyboard.press('Control+z');
    expect(await on.labels()).toEqual([]);
    await on.page.keyboard.press('Control+Shift+z');
    expect(await on.labels()).toHaveLength(1);
  });

  it('undo is of each tab, after reloads and in a copied tab as well', async () => {
    await clickCar(on.page);
    const second = await newTab();
    await has(second, 1);
    await turn(second, 'nextBox');
    await turn(second, 'class:van');
    await on.until(() => nearbox.labels()[0]!.class === 'van');
    for (const page of [on.page, second]) {
      await page.reload();
      await ready(page);
    }
    const copied = on.context.waitForEvent('page');
    await on.page.evaluate(() => window.open(location.href));
    const copy = await ready(await copied);
    expect(await copy.evaluate(() => nearbox.state.canUndo)).toBe(false);
    // The first tab made the box, the second one has changed it since.
    await on.page.keyboard.press('Control+z');
    await on.until(() => nearbox.state.message?.text.includes('changed since by somebody else') === true);
    expect(await on.labels()).toMatchObject([{ class: 'van' }]);
    await turn(second, 'undo');
    await on.until(() => nearbox.labels()[0]!.class === 'car');
    expect(await second.evaluate(() => nearbox.state.canUndo)).toBe(false);
  });

  it('in a browser that keeps nothing are said to be unsaved', async () => {
    await on.context.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new Error('not in this window');
      };
    });
    await on.page.reload();
    await on.complete();
    expect(await on.text('message')).toContain('This browser keeps nothing of the page');
    await clickCar(on.page);
    await on.until(() => nearbox.state.saving.status === 'failed');
    expect(await on.text('saved')).toContain('Not saved: this browser keeps nothing of the page');
  });

  it('of a page that is closed in the middle of an edit are there in the next one', async () => {
    await clickCar(on.page);
    await on.page.evaluate(() => {
      nearbox.run('flip');
      location.reload();
    });
    await on.page.waitForLoadState();
    await on.complete();
    await on.until(() => nearbox.labels()[0]?.edited === true);
  });

  it('of another version of the cloud are shown with a warning until they are confirmed', async () => {
    await withLabels();
    await clickCar(on.page);
    await saved(on.page);
    const text = on.service.labels.get('000')!.text.replace(/("id":"000","version":)"[^"]+"/, '$1"older"');
    on.service.labels.set('000', { text, revision: 9 });
    const colleague = await otherPerson();
    await has(colleague, 1);
    expect(await colleague.locator('#version-warning').isVisible()).toBe(true);
    const download = colleague.waitForEvent('download');
    await colleague.click('#export summary');
    await colleague.click('#export-menu [data-format=json]');
    await download;
    await colleague.waitForFunction(
      () =>
        nearbox.state.message?.text ===
        'labels.json has 1 box. Boxes of 000 were made for another version of it.',
      undefined,
      polling,
    );
    expect(await colleague.locator('#version-text').textContent()).toContain('another version of 000 (older');
    expect(stored().cloud.version).toBe('older');
    await colleague.click('#version-warning button');
    expect(await colleague.locator('#version-warning').isVisible()).toBe(false);
    await expect.poll(() => stored().cloud.version).not.toBe('older');
    await colleague.context().close();
  });

  it('that the storage has no room for are said to be unsaved, and are saved when it has', async () => {
    await withLabels();
    on.service.labelsTrouble = new NearboxError('source_unavailable', 'the disk is full');
    await clickCar(on.page);
    await on.until(() => nearbox.state.saving.status === 'failed');
    expect(await on.text('saved')).toBe('Not saved: the disk is full');
    on.service.labelsTrouble = null;
    await saved(on.page);
    expect(stored().boxes).toHaveLength(1);
  });
});
