/** Several sequences on the real server: the timeline has what the storage has of each of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildClouds } from '../../octree/build/index.ts';
import { CAR, streetPoints } from '../testing/index.ts';
import type { TestApi } from './test-api.ts';
import { canTest } from './testing/fixture/index.ts';
import { type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

const IDS = ['a/0', 'a/1', 'b/0', 'b/1'];

describe.runIf(canTest)('several sequences', { timeout: 240_000 }, () => {
  let on: RealPage;
  let folder: string;
  useRealPage({
    async prepare(own) {
      const input = path.join(own, 'street.bin');
      const clouds = path.join(own, 'clouds');
      await writeFile(input, new Uint8Array(streetPoints(0.3).buffer));
      await buildClouds(
        IDS.map((id) => ({ input, id })),
        clouds,
        { jobs: 1 },
      );
      await mkdir(path.join(own, 'labels'));
      return { clouds, labels: path.join(own, 'labels') };
    },
    cloud: 'a/0',
    opened: (page, own) => {
      on = page;
      folder = own;
    },
  });

  it('have their rows in the timeline as soon as one of their frames is open', async () => {
    const file = path.join(folder, 'labels.json');
    const frames = IDS.map((id) => ({ id, objects: [{ ...CAR, id: `car-${id[0]}`, class: 'car' }] }));
    await writeFile(file, JSON.stringify({ frames }));
    await on.page.setInputFiles('#import-files', file);
    await on.until(() => nearbox.state.work.frames['b/1']?.labels.length === 1);
    await on.until(() => nearbox.state.saving.status === 'saved' && nearbox.state.saving.unsent === 0);
    await on.page.reload();
    await on.isOpen('a/0');
    const rows = () =>
      on.page.locator('#timeline-rows .track-name').evaluateAll((all) => all.map((one) => one.ariaLabel));
    await expect.poll(rows, { timeout: 90_000 }).toEqual(['car car-a: 2 keyframe']);
    await on.page.click('#frame-list button[data-frame="b/0"]');
    await on.isOpen('b/0');
    await expect.poll(rows, { timeout: 90_000 }).toEqual(['car car-b: 2 keyframe']);
    expect(on.complaints).toEqual([]);
  });
});
