/**
 * Labels on real storages behind real servers: one that is killed and started again, and two on one bucket.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findComponent, startVersitygw } from '../../cache/testing/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { streetPoints } from '../testing/index.ts';
import type { TestApi } from './test-api.ts';
import { holdCalls, LABEL_CALLS, launchChromium } from './testing/browser/index.ts';
import { canTest, ON_CAR, TRUTH } from './testing/fixture/index.ts';
import { Served } from './testing/real/index.ts';

declare const nearbox: TestApi;

const polling = { polling: 60, timeout: 100_000 };

describe.runIf(canTest)('labels of the page on real servers', { timeout: 240_000 }, () => {
  let folder: string;
  let clouds: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-labels-'));
    const input = path.join(folder, '000.bin');
    await writeFile(input, new Uint8Array(streetPoints(0.5).buffer));
    clouds = path.join(folder, 'clouds');
    await buildClouds([input], clouds, { encoding: 'binary' });
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(url: string): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    await page.goto(url);
    await complete(page);
    return page;
  }

  async function complete(page: Page): Promise<void> {
    await page.waitForFunction(
      () => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0,
      undefined,
      polling,
    );
    await page.evaluate(() => nearbox.setLateAfter(60_000));
  }

  async function clickCar(page: Page, count: number): Promise<void> {
    const at = await page.evaluate((place) => nearbox.project(place), ON_CAR);
    await page.mouse.click(at![0], at![1]);
    await has(page, count);
  }

  const has = (page: Page, count: number) =>
    page.waitForFunction((n) => nearbox.labels().length === n, count, polling);
  const becomes = (page: Page, status: string) =>
    page.waitForFunction((wanted) => nearbox.state.saving.status === wanted, status, polling);

  it('a server that is killed and started again has everything, once', async () => {
    const labels = path.join(folder, 'labels');
    const args = ['--clouds', clouds, '--labels', labels];
    let served = await Served.start(args);
    try {
      const page = await open(served.url);
      await clickCar(page, 1);
      await becomes(page, 'saved');
      const { port } = served;
      await served.kill('SIGKILL');
      await page.evaluate(() => nearbox.run('flip'));
      await page.evaluate(() => nearbox.run('accept'));
      await becomes(page, 'offline');
      served = await Served.start(args, {}, port);
      await becomes(page, 'saved');
      const stored = JSON.parse(await readFile(path.join(labels, '000', '~labels.json'), 'utf8'));
      expect(stored).toMatchObject({ cloud: { id: '000' }, boxes: [{ status: 'edited', class: 'car' }] });
      expect(stored.boxes).toHaveLength(1);
      await page.reload();
      await complete(page);
      expect(await page.evaluate(() => nearbox.labels())).toMatchObject([
        { state: 'accepted', edited: true },
      ]);
      expect(await page.locator('#message').textContent()).toBe('');
      await page.context().close();
    } finally {
      await served.kill('SIGTERM');
    }
  });

  it('a server that is killed before it answers a write: what it wrote is not taken for somebody else’s', async () => {
    const labels = path.join(folder, 'unanswered');
    const args = ['--clouds', clouds, '--labels', labels];
    let served = await Served.start(args);
    try {
      const page = await open(served.url);
      const { port } = served;
      let isKilled = false;
      await page.route('**/v1/labels/000', async (route) => {
        if (isKilled || route.request().method() !== 'PUT') return route.continue();
        isKilled = true;
        await route.fetch();
        await served.kill('SIGKILL');
        return route.abort();
      });
      await clickCar(page, 1);
      await becomes(page, 'offline');
      const stored = async () => JSON.parse(await readFile(path.join(labels, '000', '~labels.json'), 'utf8'));
      expect((await stored()).boxes).toMatchObject([{ status: 'proposed', class: 'car' }]);
      await page.evaluate(() => nearbox.run('class:van'));
      await page.evaluate(() => nearbox.run('accept'));
      served = await Served.start(args, {}, port);
      await becomes(page, 'saved');
      expect((await stored()).boxes).toMatchObject([{ status: 'accepted', class: 'van' }]);
      expect((await stored()).boxes).toHaveLength(1);
      expect(await page.evaluate(() => nearbox.labels())).toHaveLength(1);
      await page.context().close();
    } finally {
      await served.kill('SIGTERM');
    }
  });

  it('the log is quiet while somebody works: a line for what they did, none for points and looks', async () => {
    let log = '';
    const args = ['--clouds', clouds, '--labels', path.join(folder, 'quiet')];
    const served = await Served.start(args, {}, 0, (text) => {
      log += text;
    });
    try {
      const page = await open(served.url);
      let points = 0;
      page.on('requestfinished', (request) => {
        if (request.url().includes('/points/')) points += 1;
      });
      await page.reload();
      await complete(page);
      await clickCar(page, 1);
      await becomes(page, 'saved');
      for (const action of ['zoomIn', 'zoomIn', 'orbitLeft', 'panUp', 'zoomOut', 'home']) {
        await page.evaluate((name) => nearbox.run(name), action);
        await complete(page);
      }
      // Longer than the page waits between two looks at the storage.
      const looked = page.waitForResponse((answer) => answer.url().includes('/v1/labels?cloud='), {
        timeout: 90_000,
      });
      await looked;
      expect(points).toBeGreaterThan(0);
      const routes = log
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { message: string; method?: string; route?: string })
        .filter(({ message }) => message === 'request')
        .map(({ method, route }) => `${method} ${route}`);
      expect(routes.filter((route) => /points|page|labels$/.test(route))).toEqual([]);
      expect(routes).toContain('POST /v1/predictions');
      expect(routes.length).toBeLessThan(10);
    } finally {
      await served.kill('SIGTERM');
    }
  });

  it('two data sets on one address, without a storage: boxes of one never pass for those of the other', async () => {
    const input = path.join(folder, 'other', '000.bin');
    await mkdir(path.dirname(input));
    await writeFile(input, new Uint8Array(streetPoints(0.6).buffer));
    const others = path.join(folder, 'other-clouds');
    await buildClouds([input], others, { encoding: 'binary' });
    const warning = (page: Page) => page.locator('#version-warning');
    let served = await Served.start(['--clouds', clouds]);
    try {
      const { port } = served;
      const serve = async (root: string) => {
        await served.kill('SIGTERM');
        served = await Served.start(['--clouds', root], {}, port);
      };
      const page = await open(served.url);
      await clickCar(page, 1);
      await becomes(page, 'saved');
      const own = await page.evaluate(() => nearbox.labels());
      await serve(others);
      await page.reload();
      await complete(page);
      await has(page, 1);
      expect(await warning(page).isVisible()).toBe(true);
      expect(await warning(page).textContent()).toMatch(/^\s*This box was made for another version of 000/);
      expect(await page.evaluate(() => nearbox.labels())).toEqual(own);
      await serve(clouds);
      await page.reload();
      await complete(page);
      await has(page, 1);
      expect(await warning(page).isVisible()).toBe(false);
      expect(await page.evaluate(() => nearbox.labels())).toEqual(own);
      await page.context().close();
    } finally {
      await served.kill('SIGTERM');
    }
  });

  it('an import with long and repeated ids and a frame that is not here: all is said, and comes back', async () => {
    const args = ['--clouds', clouds, '--labels', path.join(folder, 'imported')];
    const served = await Served.start(args);
    const long = '6dd2cbf4c24b4caeb625035869bca7b5';
    const object = { id: long, class: 'Tram', ...TRUTH, numPoints: 67, occluded: true };
    const elsewhere = {
      id: 'elsewhere/7',
      pose: { position: [1, 2, 3], rotation: [0, 0, 0, 1] },
      timestamp: 12.5,
      weather: 'rain',
      objects: [{ ...object, id: 'x' }],
    };
    const again = { ...object, center: [12, -8, 0] };
    const here = { id: '000', timestamp: 11.5, sun: [0.1, { high: true }], objects: [object, again] };
    const file = path.join(folder, 'long-ids.json');
    await writeFile(file, JSON.stringify({ sequence: 'a', frames: [here, elsewhere] }));
    try {
      const page = await open(served.url);
      await page.setInputFiles('#import-files', file);
      await has(page, 2);
      expect(await page.locator('#message').textContent()).toBe(
        '3 boxes were imported in 2 frames. 1 of them is not here and is kept apart: elsewhere/7. ' +
          'Ids that were there twice in a frame got new numbers: 6dd2…a7b5.',
      );
      await becomes(page, 'saved');
      const shown = async () => (await page.locator('body').allInnerTexts()).join();
      await page.evaluate(() => nearbox.run('nextBox'));
      expect(await page.inputValue('#object-id')).toBe(long);
      for (const action of [
        'class:van',
        'absent',
        'undo',
        'undo',
        'names',
        'names',
        'names',
        'hide',
        'showAll',
      ]) {
        await page.evaluate((name) => nearbox.run(name), action);
        expect(await shown(), action).not.toContain(long);
      }
      expect(await shown()).toContain('6dd2…a7b5');
      await becomes(page, 'saved');
      await page.reload();
      await complete(page);
      const download = page.waitForEvent('download');
      await page.click('#export summary');
      await page.click('#export-menu [data-format=json]');
      const out = JSON.parse(await readFile((await (await download).path())!, 'utf8'));
      const number = out.frames[0].objects[1].id;
      expect(number).toMatch(/^[0-9]+$/);
      expect(out).toMatchObject({
        sequence: 'a',
        frames: [{ ...here, objects: [object, { ...again, id: number }] }, elsewhere],
      });
      await page.context().close();
    } finally {
      await served.kill('SIGTERM');
    }
  });

  const versitygw = findComponent('versitygw');
  it.skipIf(versitygw === null)(
    'two people, two servers, one bucket: nothing of either is lost',
    async () => {
      const storage = await startVersitygw(versitygw!);
      const { origin, credentials } = storage;
      const client = new S3Client({
        endpoint: origin,
        region: 'us-east-1',
        credentials,
        forcePathStyle: true,
      });
      const env = {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: origin,
      };
      const args = ['--clouds', clouds, '--labels', 's3://labels/team'];
      await client.send(new CreateBucketCommand({ Bucket: 'labels' }));
      const servers = await Promise.all([Served.start(args, env), Served.start(args, env)]);
      try {
        const [one, other] = (await Promise.all(servers.map(({ url }) => open(url)))) as [Page, Page];
        await clickCar(one, 1);
        await becomes(one, 'saved');
        await other.reload();
        await complete(other);
        await has(other, 1);
        // Both change the car; each page shows both versions in the end. Until it has its own change, one
        // page hears nothing of the other: a slow machine gives it the time to look.
        const read = async () => {
          const found = await client.send(
            new GetObjectCommand({ Bucket: 'labels', Key: 'team/000/~labels.json' }),
          );
          return JSON.parse(await found.Body!.transformToString()) as { boxes: Record<string, unknown>[] };
        };
        const letGo = await holdCalls(one, LABEL_CALLS);
        const first = (await read()).boxes;
        await other.evaluate(() => {
          nearbox.run('nextBox');
          nearbox.run('flip');
        });
        await expect.poll(async () => (await read()).boxes).not.toEqual(first);
        await becomes(other, 'saved');
        await one.evaluate(() => nearbox.run('class:van'));
        await letGo();
        await has(one, 2);
        await becomes(one, 'saved');
        const { boxes } = await read();
        expect(boxes.map((box) => box.class).sort()).toEqual(['car', 'van']);
        expect(boxes.filter((box) => box.conflictsWith !== undefined)).toHaveLength(1);
        await other.reload();
        await complete(other);
        await has(other, 2);
        for (const page of [one, other]) await page.context().close();
      } finally {
        for (const served of servers) await served.kill('SIGTERM');
        client.destroy();
        await storage.stop();
      }
    },
  );
});
