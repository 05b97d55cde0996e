/**
 * A sequence as a job, in a real Chromium on the real server: the objects of the first frame are boxed and
 * brought through all frames until every box with 10 points is right, with tracks, and by hand (as far as
 * `--by-hand` says); then a second annotator boxes another sequence, with what a careful first one taught the
 * page and without. Counts clicks, keys and seconds; the labels say what is right. `npx tsx
 * bench/browser/sequence.ts [--folder ../shared/real/pandaset-002] [--objects 26] [--by-hand 1] [--second
 * ../shared/real/pandaset-001] [--second-objects 40] [--only tracks]`
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { TestApi } from '../../app/page/index.ts';
import { type LabelledObject, launchChromium } from '../../app/page/testing/browser/index.ts';
import { RealPage, servePages } from '../../app/page/testing/real/index.ts';
import type { Pose } from '../../inference/boxes/index.ts';
import { buildClouds } from '../../octree/build/index.ts';
import { machineLine } from '../kit/index.ts';
import {
  Annotator,
  carryAll,
  carryByHand,
  correctTracks,
  drawFirstFrame,
  type JobFrame,
  passText,
  rightShare,
  scoredBoxes,
  secondPass,
  teach,
} from './sequence-job/index.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/real/pandaset-002' },
    objects: { type: 'string', default: '26' },
    /** Frames that are also done by hand. */
    'by-hand': { type: 'string', default: '1' },
    /** `tracks`, `hand` or `second`: that part alone. */
    only: { type: 'string' },
    second: { type: 'string', default: '../shared/real/pandaset-001' },
    'second-objects': { type: 'string', default: '40' },
  },
});

declare const nearbox: TestApi;

const LEAST_POINTS = 20;

const clouds = await mkdtemp(path.join(os.tmpdir(), 'nearbox-sequence-'));
const frames = await built(values.folder, 'first');
const others = await built(values.second, 'second');
const browser = await launchChromium();
const server = await servePages({ clouds });
try {
  console.log(machineLine());
  const parts = { tracks: withTracks, hand: byHand, second: secondAnnotator };
  for (const [name, part] of Object.entries(parts))
    if (values.only === undefined || values.only === name) await part();
} finally {
  await server.close();
  await browser.close();
  await rm(clouds, { recursive: true, force: true });
}

/** Builds the frames of a folder, with their poses and times. */
async function built(folder: string, name: string): Promise<readonly JobFrame[]> {
  const index = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as { frames: JobFrame[] };
  const inputs = index.frames.map(({ id, points, pose, timestamp }) => ({
    input: path.join(folder, points),
    id: `${name}/${id}`,
    frame: {
      ...(pose !== undefined && { pose: pose as Pose }),
      ...(timestamp !== undefined && { timestamp }),
    },
  }));
  await buildClouds(inputs, clouds);
  return index.frames.map((frame) => ({ ...frame, id: `${name}/${frame.id}` }));
}

function mostSeen(objects: readonly LabelledObject[], count: number): LabelledObject[] {
  return objects
    .filter(({ numPoints }) => numPoints >= LEAST_POINTS)
    .sort((a, b) => b.numPoints - a.numPoints)
    .slice(0, count);
}

async function withTracks(): Promise<void> {
  const on = await RealPage.open(browser, server, frames[0]!.id, { learns: true });
  const annotator = new Annotator(on);
  const objects = mostSeen(frames[0]!.objects, Number(values.objects));
  const idOf = await drawFirstFrame(annotator, objects);
  const say = async (what: string) =>
    console.log(`${what}: ${annotator.summary()}; ${rightShare(await scoredBoxes(on, frames, idOf))}`);
  console.log(`${idOf.size} of ${objects.length} objects boxed, ${frames.length} frames`);
  await say('first frame');
  await carryAll(annotator);
  await say('carried');
  await correctTracks(annotator, frames, idOf);
  await say('corrected and accepted');
  const { keys, clicks } = annotator.effort;
  console.log(`an object: ${(keys / idOf.size).toFixed(1)} keys, ${(clicks / idOf.size).toFixed(1)} clicks`);

  await on.close();
}

async function secondAnnotator(): Promise<void> {
  const count = Number(values['second-objects']);
  if (count === 0) return;
  const on = await RealPage.open(browser, server, frames[0]!.id, { learns: true });
  const first = new Annotator(on);
  await teach(first, mostSeen(frames[0]!.objects, Number(values.objects)));
  console.log(`a careful first annotator: ${first.summary()}`);
  await on.page.goto(`${server.url}/?cloud=${others[0]!.id}`);
  await on.complete();
  const passes = await secondPass(new Annotator(on), mostSeen(others[0]!.objects, count));
  console.log(`a second annotator, profile on: ${passText(passes.on)}; off: ${passText(passes.off)}`);
  await on.close();
}

async function byHand(): Promise<void> {
  const count = Number(values['by-hand']);
  if (count === 0) return;
  const on = await RealPage.open(browser, server, frames[0]!.id, { learns: true });
  const idOf = await drawFirstFrame(new Annotator(on), mostSeen(frames[0]!.objects, Number(values.objects)));
  const annotator = new Annotator(on);
  for (let k = 1; k <= count; k++) await carryByHand(annotator, frames, k, idOf);
  const share = rightShare(await scoredBoxes(on, frames.slice(0, count + 1), idOf));
  console.log(`by hand, ${count} frames after the first: ${annotator.summary()}; ${share}`);
  await on.close();
}
