/**
 * Label files on the real server: every format that `nearbox convert` has goes out of the page and comes
 * back.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../../cache/testing/index.ts';
import { type Box, iou3d } from '../../inference/boxes/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';
import type { TestApi } from './test-api.ts';
import { canTest } from './testing/fixture/index.ts';
import { type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

/** The page's name of each format. */
const FORMATS = ['kitti', 'nuscenes', 'nuscenes-tables', 'openlabel', 'pandaset', 'supervisely', 'json'];
const NAMES = ['object-006', 'object-028', 'object-098'];

interface Frame {
  readonly id: string;
  readonly objects: readonly (Box & { readonly id: string; readonly class: string })[];
}

/** Three objects of the demo in its first three frames, under numbers: not every format has words for ids. */
async function tracks(): Promise<Frame[]> {
  const truth = JSON.parse(await readFile(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: Frame[];
  };
  return truth.frames.slice(0, 3).map(({ id, objects }) => ({
    id,
    objects: NAMES.map((name, k) => {
      const { center, size, yaw, class: kind } = objects.find((object) => object.id === name)!;
      return { id: String(k + 1), class: kind, center, size, yaw };
    }),
  }));
}

describe.runIf(canTest)('label files in the page', { timeout: 240_000 }, () => {
  let on: RealPage;
  let folder: string;
  useRealPage({
    opened: (page, own) => {
      on = page;
      folder = own;
    },
  });

  /** The boxes of all frames by frame and id, as the page has them. */
  const boxes = async () => {
    const { work } = await on.state();
    return Object.fromEntries(
      Object.entries(work.frames).flatMap(([frame, { labels }]) =>
        labels.map((label) => [`${frame} ${label.id} ${label.class}`, label.box]),
      ),
    );
  };
  const same = (found: Record<string, Box>, wanted: Record<string, Box>) => {
    expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
    for (const [name, box] of Object.entries(wanted))
      expect(iou3d(found[name]!, box), name).toBeGreaterThan(0.99);
  };
  const importFile = async (file: string) => {
    await on.page.setInputFiles('#import-files', file);
    await on.until(() => nearbox.state.work.frames['000002']?.labels.length === 3);
  };

  it.each(FORMATS)(
    '%s: frames, ids and classes there and back, and `nearbox convert` reads the same',
    async (format) => {
      const first = path.join(folder, 'first.json');
      await writeFile(first, JSON.stringify({ frames: await tracks() }));
      await importFile(first);
      const before = await boxes();
      expect(Object.keys(before)).toHaveLength(9);

      const download = on.page.waitForEvent('download');
      await on.page.click('#export summary');
      await on.page.click(`#export-menu [data-format="${format}"]`);
      const file = path.join(folder, (await download).suggestedFilename());
      await (await download).saveAs(file);

      const converted = path.join(folder, 'converted.json');
      const args = ['convert', file, '--to', 'nearbox', '--out', converted];
      await promisify(execFile)(process.execPath, [PROGRAM, ...args]);
      const { frames } = JSON.parse(await readFile(converted, 'utf8')) as { frames: Frame[] };
      same(
        Object.fromEntries(
          frames.flatMap(({ id: frame, objects }) =>
            objects.map(({ id, class: kind, ...box }) => [`${frame} ${id} ${kind}`, box]),
          ),
        ),
        before,
      );

      await on.press('Control+z');
      await on.until(() =>
        Object.values(nearbox.state.work.frames).every(({ labels }) => labels.length === 0),
      );
      await importFile(file);
      same(await boxes(), before);
      expect(on.complaints).toEqual([]);
    },
  );
});
