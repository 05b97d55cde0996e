/**
 * A sequence as a job: objects of the first frame are clicked and carried through all frames in the page, in a
 * real Chromium on the real server. Counts clicks, keys and seconds, and compares the boxes with the labels.
 * `npx tsx bench/browser/sequence.ts [--folder ../shared/real/pandaset-002] [--objects 26] [--correct]`
 * With `--correct` boxes of the first frame below 0.7 are typed over with the label before they are carried.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { TestApi } from '../../app/page/index.ts';
import { facingPlace, type LabelledObject, launchChromium } from '../../app/page/testing/browser/index.ts';
import { RealPage, servePages } from '../../app/page/testing/real/index.ts';
import { type Box, iou3d } from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { machineLine } from '../kit/index.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/real/pandaset-002' },
    objects: { type: 'string', default: '26' },
    correct: { type: 'boolean', default: false },
  },
});

declare const nearbox: TestApi;

const RIGHT_IOU = 0.7;
const SCORED_POINTS = 10;

interface Frame {
  readonly id: string;
  readonly objects: readonly LabelledObject[];
}

const { frames } = JSON.parse(await readFile(path.join(values.folder, 'index.json'), 'utf8')) as {
  frames: Frame[];
};
const clouds = await mkdtemp(path.join(os.tmpdir(), 'nearbox-sequence-'));
const browser = await launchChromium();
const inputs = frames.map(({ id }) => path.join(values.folder, `${id}.bin`));
await buildClouds(inputs, clouds);
const server = await servePages({ clouds });
const on = await RealPage.open(browser, server, frames[0]!.id);
try {
  await job();
} finally {
  await on.close();
  await server.close();
  await browser.close();
  await rm(clouds, { recursive: true, force: true });
}

async function job(): Promise<void> {
  const objects = [...frames[0]!.objects]
    .sort((a, b) => b.numPoints - a.numPoints)
    .slice(0, Number(values.objects));
  let [clicks, keys, corrections] = [0, 0, 0];
  const began = performance.now();
  const idOf = new Map<string, string>();
  for (const object of objects) {
    const place = facingPlace(object);
    await on.page.evaluate((at) => nearbox.lookAt(at, 10), place);
    await on.complete();
    const before = (await on.labels()).map(({ id }) => id);
    await on.page.mouse.click(...(await on.pixel(place)));
    clicks += 1;
    await on.until(() => nearbox.state.pending.length === 0);
    const made = (await on.labels()).find(({ id }) => !before.includes(id));
    if (made === undefined) continue;
    idOf.set(object.id!, made.id);
    if (!values.correct || iou3d(made.box, object) >= RIGHT_IOU) continue;
    await typeOver(object);
    corrections += 1;
  }
  const clicked = performance.now();
  const first = await overlaps(0, objects, idOf);
  await on.press('Shift+I');
  keys += 1;
  await on.until(() => /boxes in \d+ frames/.test(nearbox.state.message?.text ?? ''));
  const carried = performance.now();
  const later = (await Promise.all(frames.slice(1).map((_, k) => overlaps(k + 1, objects, idOf)))).flat();
  const share = (list: readonly number[]) =>
    `${list.filter((iou) => iou >= RIGHT_IOU).length} of ${list.length} at ${RIGHT_IOU} and more`;
  console.log(machineLine());
  console.log(`${objects.length} objects, ${frames.length} frames of ${path.basename(values.folder)}`);
  console.log(`clicks ${clicks}, keys ${keys}, boxes typed over ${corrections}`);
  console.log(
    `seconds: ${seconds(began, clicked)} clicking (views are set by the script), ${seconds(clicked, carried)} carrying`,
  );
  console.log(`first frame: ${share(first)}; the frames behind it: ${share(later)}`);
  console.log(await on.page.evaluate(() => nearbox.state.message?.text ?? ''));
}

/** IoU of every object of the job that has points in a frame; 0 where there is no box. */
async function overlaps(
  k: number,
  objects: readonly LabelledObject[],
  idOf: ReadonlyMap<string, string>,
): Promise<number[]> {
  const labels = await on.labels(frames[k]!.id);
  const wanted = new Set(objects.map(({ id }) => id));
  return frames[k]!.objects.filter(({ id, numPoints }) => wanted.has(id) && numPoints >= SCORED_POINTS).map(
    (truth) => {
      const label = labels.find(({ id }) => id === idOf.get(truth.id!));
      return label === undefined ? 0 : iou3d(label.box, truth);
    },
  );
}

/** Types the label into the selected box. */
async function typeOver({ center, size, yaw }: Box): Promise<void> {
  const fields: readonly (readonly [string, number])[] = [
    ...size.map((value, k) => [`#size-${k}`, value] as const),
    ['#yaw', (yaw * 180) / Math.PI],
    ...center.map((value, k) => [`#centre-${k}`, value] as const),
  ];
  for (const [field, value] of fields) await on.page.fill(field, String(value));
  await on.page.keyboard.press('Escape');
}

function seconds(from: number, to: number): string {
  return ((to - from) / 1000).toFixed(1);
}
