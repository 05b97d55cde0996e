/**
 * Checks of finished work on the real server: every kind, in frames that nobody has opened, as the command
 * has it.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PROGRAM } from '../../cache/testing/index.ts';
import type { Box } from '../../inference/boxes/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';
import type { TestApi } from './test-api.ts';
import type { LabelledObject } from './testing/browser/index.ts';
import { canTest } from './testing/fixture/index.ts';
import { type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

interface Frame {
  readonly id: string;
  readonly objects: LabelledObject[];
}
const [CAR, OTHER] = ['object-006', 'object-028'];

/** The labels of two cars of the demo in all frames, and one fault of each kind in a frame of its own. */
async function faultyFrames(): Promise<Frame[]> {
  const truth = JSON.parse(await readFile(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: Frame[];
  };
  const frames = truth.frames.map(({ id, objects }) => ({
    id,
    objects: objects.filter((object) => object.id === CAR || object.id === OTHER),
  }));
  const change = (k: number, to: (car: LabelledObject) => Partial<LabelledObject>) => {
    const { objects } = frames[k]!;
    const at = objects.findIndex(({ id }) => id === CAR);
    objects[at] = { ...objects[at]!, ...to(objects[at]!) };
  };
  const moved = ({ center: [x, y, z] }: Box, by: readonly [number, number, number]) => ({
    center: [x + by[0], y + by[1], z + by[2]] as const,
  });
  change(1, (car) => moved(car, [0, 0, 0.8]));
  change(2, (car) => moved(car, [0, 0, -0.8]));
  change(3, (car) => moved(car, [400, 0, 0]));
  change(4, (car) => ({ size: [9, car.size[1], car.size[2]] }));
  change(5, (car) => ({ yaw: car.yaw + Math.PI }));
  change(6, () => ({ class: 'van' }));
  change(7, (car) => moved(car, [0, 0.7, 0]));
  frames[8]!.objects.push({ ...frames[8]!.objects.find(({ id }) => id === CAR)!, id: 'twice' });
  return frames;
}

describe.runIf(canTest)('checks in the page', { timeout: 240_000 }, () => {
  let on: RealPage;
  let folder: string;
  useRealPage({
    opened: (page, own) => {
      on = page;
      folder = own;
    },
  });

  const listed = () => on.page.locator('.finding').allTextContents();
  const settled = () => on.until(() => document.querySelector('#checks-open')?.textContent === '');

  it('find every kind of fault in frames that nobody has opened, as the command does; each line goes there', async () => {
    const file = path.join(folder, 'labels.json');
    await writeFile(file, JSON.stringify({ frames: await faultyFrames() }));
    await on.page.setInputFiles('#import-files', file);
    await on.until(() => nearbox.state.work.frames['000009']?.labels.length === 2);
    await on.press('Shift+V');
    await on.until(() => /to look at/.test(document.querySelector('#checks-count')?.textContent ?? ''));
    await settled();
    const found = await listed();
    const has = (frame: string, text: RegExp) =>
      expect(found).toContainEqual(
        expect.stringMatching(new RegExp(`^${frame} (car|van) \\S+ ${text.source}`)),
      );
    has('000001', /floats 0\.\d\d m over the ground/);
    has('000002', /is sunk 0\.\d\d m into the ground/);
    has('000003', /has no points/);
    has('000003', /is 400\.\d\d m off the way/);
    has('000004', /a side of 9\.00 m is unusual for its class/);
    has('000004', /a side differs by \d\.\d\d m from the rest of its track/);
    has('000005', /turns by 180 degrees from the frame before/);
    has('000006', /is a car in other frames/);
    has('000007', /\d+ % of its points are outside/);
    has('000008', /overlaps twice by 100 % of the smaller box/);

    const { stdout } = await promisify(execFile)(process.execPath, [
      PROGRAM,
      'check',
      file,
      '--clouds',
      DEMO_CLOUDS,
    ]).catch((error: { code: number; stdout: string }) => error);
    const lines = stdout.trim().split('\n').slice(0, -1);
    expect(found).toEqual(lines.map((line) => line.replace(':', '')));

    for (const frame of ['000004', '000008']) {
      await on.page.locator(`.finding:has-text("${frame}")`).first().click();
      await on.isOpen(frame);
      expect((await on.state()).selected).toBe(CAR);
    }
    expect(on.complaints).toEqual([]);
  });

  it('say which points were not looked at while the server is away, and go on when it is back', async () => {
    const file = path.join(folder, 'labels.json');
    await writeFile(file, JSON.stringify({ frames: await faultyFrames() }));
    await on.page.setInputFiles('#import-files', file);
    await on.until(() => nearbox.state.work.frames['000009']?.labels.length === 2);
    await on.page.context().setOffline(true);
    await on.press('Shift+V');
    await on.until(
      () =>
        document.querySelector('#checks-open')?.textContent ===
        'The server cannot be reached: the points of 10 frames were not looked at.',
    );
    expect(await listed()).toContainEqual(expect.stringMatching(/^000006 van \S+ is a car in other frames$/));
    expect(await listed()).not.toContainEqual(expect.stringMatching(/has no points/));
    await on.page.context().setOffline(false);
    await settled();
    expect(await listed()).toContainEqual(expect.stringMatching(/^000003 car \S+ has no points$/));
  });
});
