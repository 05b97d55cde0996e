/** Every panel on small and large screens, dark and light, on the real server: all in reach, and readable. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestApi } from './test-api.ts';
import { canTest, faintText, layoutFaults, unpainted } from './testing/fixture/index.ts';
import { pngOf } from './testing/index.ts';
import { demoObjects, type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

const SCREENS = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
];
const FRAME = '000000';
const ONTOLOGY = {
  version: 1,
  classes: [{ name: 'car' }, { name: 'delivery', like: 'van', key: '2' }, { name: 'pedestrian' }],
  attributes: [
    { name: 'parked', kind: 'boolean' },
    { name: 'hidden', kind: 'choice', choices: ['no', 'partly', 'mostly'], per: 'frame' },
    { name: 'remark', kind: 'text' },
  ],
};
const CAMERA = {
  name: 'front',
  image: '{frame}.png',
  size: [320, 180],
  focal: [160, 160],
  centre: [160, 90],
  pose: { position: [0, 0, 0], rotation: [-0.5, 0.5, -0.5, 0.5] },
};

async function project(folder: string) {
  const cameras = path.join(folder, 'cameras');
  const ontology = path.join(folder, 'ontology.json');
  await mkdir(cameras);
  await writeFile(path.join(cameras, 'cameras.json'), JSON.stringify({ version: 1, cameras: [CAMERA] }));
  await writeFile(
    path.join(cameras, `${FRAME}.png`),
    pngOf(320, 180, () => [120, 140, 160]),
  );
  await writeFile(ontology, JSON.stringify(ONTOLOGY));
  return { cameras, ontology, labels: path.join(folder, 'labels') };
}

/** The panels, by the keys that open and close them, and what is there once they are. */
const PANELS = [
  { name: 'all frames', key: 'Shift+G', there: '.glance-cell' },
  { name: 'map', key: 'Alt+m', there: '#merged-said' },
  { name: 'cameras', key: 'Alt+c', there: '.camera:not(.coming)' },
  { name: 'checks', key: 'Shift+V', there: '#checks-count' },
  { name: 'keys', key: '?', there: '.sheet[open]', close: 'Escape' },
] as const;

describe.runIf(canTest)('panels on screens', { timeout: 240_000 }, () => {
  let on: RealPage;
  useRealPage({
    prepare: project,
    per: 'file',
    opened: async (page) => {
      on = page;
      const [first, second] = await demoObjects(0);
      await on.click(first!);
      await on.press('Space');
      await on.click(second!);
      await on.press('Space');
      const begun = await on.tracksBegun();
      await on.press('Shift+I');
      await on.tracked(begun);
      await on.press('n');
      await on.page.waitForSelector('#timeline .track');
    },
  });

  /**
   * Opens each panel and each menu, one after the other. What `look` finds wrong, by the name of the panel.
   */
  async function faultsOfEach(look: (name: string) => Promise<string[]>): Promise<Record<string, string[]>> {
    const faults: Record<string, string[]> = {};
    const lookAt = async (name: string) => {
      const found = await look(name);
      if (found.length > 0) faults[name] = found;
    };
    await lookAt('timeline');
    for (const panel of PANELS) {
      await on.press(panel.key);
      await on.page.waitForSelector(panel.there);
      await lookAt(panel.name);
      await on.press('close' in panel ? panel.close : panel.key);
      await on.page.waitForSelector(panel.there, { state: 'hidden' });
    }
    for (const menu of ['view-menu', 'export']) {
      await on.page.click(`#${menu} summary`);
      await lookAt(menu);
      await on.page.click(`#${menu} summary`);
    }
    return faults;
  }

  it.each(SCREENS)(
    'fit a screen of $width x $height: all of it is painted, and everything can be seen and pressed',
    async (size) => {
      await on.page.setViewportSize(size);
      await on.complete();
      expect(
        await faultsOfEach(async (name) => {
          const holes = await unpainted(on.page);
          // Under the sheet of keys nothing else is in reach, as is meant.
          const faults = await layoutFaults(on.page, name === 'keys' ? '.sheet' : 'body');
          return holes === 0 ? faults : [`${holes} pixels are not painted`, ...faults];
        }),
      ).toEqual({});
      // A long title, while a frame is on its way and the server is away.
      await on.page.route('**/points/**', (route) => route.abort());
      await on.press('.');
      await on.until(() => nearbox.state.opening?.problem != null);
      expect(await layoutFaults(on.page)).toEqual([]);
      await on.press('Escape');
      await on.page.unroute('**/points/**');
      // The view takes what the other parts do not need.
      const { width, height } = (await on.page.locator('#view-main').boundingBox())!;
      expect(width).toBe(size.width - 276 - 300);
      expect(height).toBeGreaterThan(0.6 * size.height);
      const canvas = (await on.page.locator('#canvas').boundingBox())!;
      expect([canvas.x + canvas.width, canvas.y + canvas.height]).toEqual([size.width, size.height - 28]);
    },
  );

  it('where there is little room, what is done with a box stays in sight', async () => {
    await on.page.setViewportSize({ width: 1366, height: 600 });
    const inspector = on.page.locator('#inspector');
    expect(await inspector.evaluate((own) => own.scrollHeight - own.clientHeight)).toBeGreaterThan(40);
    const isOnTop = await on.page.locator('#inspector .accept').evaluate((button) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === button;
    });
    expect(isOnTop).toBe(true);
  });

  it.each(['dark', 'light'])('are readable: %s', async (theme) => {
    await on.page.selectOption('#theme', theme);
    expect(await faultsOfEach(() => faintText(on.page))).toEqual({});
    expect(on.complaints.filter((text) => !/ERR_FAILED/.test(text))).toEqual([]);
  });
});
