/** Once the page is loaded it needs the server for nothing that it can do by itself. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from './test-api.ts';
import { launchChromium } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, RealPage, Served } from './testing/real/index.ts';

declare const nearbox: TestApi;

describe.runIf(canTest)('a page that is loaded', { timeout: 240_000 }, () => {
  let browser: Browser;
  let server: Served;
  let folder: string;
  let on: RealPage;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-outage-'));
    browser = await launchChromium();
    server = await Served.start([]);
  }, 180_000);
  beforeEach(async () => {
    on = await RealPage.open(browser, server, '000000');
  }, 180_000);
  afterEach(() => on?.close());
  afterAll(async () => {
    await browser?.close();
    await server?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** The script that reads and writes files has come, although nobody has asked for it. */
  const hasFiles = () =>
    on.until(() =>
      performance
        .getEntriesByType('resource')
        .some(
          (entry) =>
            /\/page\/files-/.test(entry.name) &&
            (entry as PerformanceResourceTiming).initiatorType === 'script',
        ),
    );
  /**
   * Does something until the page says a text. Once need not do: what was loading already, by what the server
   * said before, ends for all who wait for it.
   */
  const untilSaid = (text: string, act: () => Promise<void>) =>
    expect
      .poll(
        async () => {
          await act();
          return on.heard();
        },
        { timeout: 90_000, interval: 1000 },
      )
      .toContain(text);
  const writeJson = () =>
    on.page.evaluate(() => document.querySelector<HTMLElement>('[data-format=json]')!.click());
  const give = async (name: string, content: unknown) => {
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify(content));
    await on.page.setInputFiles('#import-files', file);
  };

  it('says why it cannot read and write files, and does so as soon as it can', async () => {
    // One route for all that happens: between two, the page could load the script ahead.
    let answer = (route: Route) => route.abort();
    await on.page.route('**/page/files-*', (route) => answer(route));
    await on.page.reload();
    await on.complete();
    await on.listen();
    await on.click((await demoObjects(0))[0]!);
    await untilSaid('Nothing was exported. The server cannot be reached.', writeJson);
    await untilSaid('Nothing was imported. The server cannot be reached.', () =>
      give('own.json', { version: 1, classes: [{ name: 'tram', like: 'bus' }] }),
    );

    // A newer server is there, which has other files.
    answer = (route) => route.fulfill({ status: 404, body: '{}' });
    await untilSaid('Nothing was exported. This page is older than the server. Reload it.', writeJson);

    answer = (route) => route.continue();
    const download = on.page.waitForEvent('download');
    await untilSaid('labels.json has 1 box.', writeJson);
    expect(JSON.parse(await readFile((await (await download).path())!, 'utf8'))).toMatchObject({
      frames: [{ id: '000000', objects: [{ class: 'car' }] }],
    });
  });

  it('has the classes of the file that was given last, also where they come late', async () => {
    await give('own.json', { version: 1, classes: [{ name: 'tram', like: 'bus' }] });
    await on.until(() => nearbox.state.ontology !== null);
    let refused = 0;
    await on.page.route('**/page/files-*', (route) => {
      refused += 1;
      return refused === 1 ? route.abort() : route.continue();
    });
    await on.page.reload();
    await on.complete();
    expect(refused).toBeGreaterThan(1);
    expect((await on.state()).ontology?.classes).toEqual([{ name: 'tram', like: 'bus' }]);
  });

  it('fits, writes and reads files, and has all its panels after the server was killed', async () => {
    const [first, second] = await demoObjects(0);
    await on.click(first!);
    await hasFiles();
    await server.kill('SIGKILL');

    const fitted = await on.click(second!);
    expect(fitted.method).toBe('local');
    for (const action of ['check', 'check', 'glance', 'glance', 'merged', 'merged', 'cameras', 'cameras'])
      await on.page.evaluate((name) => nearbox.run(name), action);
    await on.page.keyboard.press('Escape');

    for (const format of [
      'openlabel',
      'kitti',
      'nuscenes',
      'nuscenes-tables',
      'pandaset',
      'supervisely',
      'json',
    ]) {
      const download = on.page.waitForEvent('download');
      await on.page.evaluate(
        (name) => document.querySelector<HTMLElement>(`[data-format=${name}]`)!.click(),
        format,
      );
      expect((await readFile((await (await download).path())!)).length, format).toBeGreaterThan(200);
      await on.until(() => nearbox.state.message?.text.includes(' has 2 boxes.') ?? false);
    }
    await give('labels.json', {
      frames: [
        { id: '000000', objects: [{ id: '5', class: 'van', center: [9, 9, 0], size: [5, 2, 2], yaw: 0 }] },
      ],
    });
    await on.until(() => nearbox.labels().length === 1 && nearbox.labels()[0]!.class === 'van');
    await give('own.json', { version: 1, classes: [{ name: 'tram', like: 'bus' }] });
    await on.until(() => nearbox.state.ontology?.classes?.[0]?.name === 'tram');
    expect(on.complaints.filter((text) => !text.includes('net::ERR_CONNECTION_'))).toEqual([]);
  });
});
