/**
 * What a label profile of a few accepted boxes is worth to the other cars of a set: mean 3D IoU and the share of at least 0.7 from a
 * click, over random draws of the boxes that the profile is made of (the car that is asked about is never among them).
 *
 *   npx tsx bench/profile-few.ts FOLDER... [--every 1] [--draws 20] [--group car]
 */
import { parseArgs } from 'node:util';
import { type Box, iou3d } from '../inference/boxes/index.ts';
import type { LabelGroup } from '../inference/classes/index.ts';
import { estimateGround } from '../inference/ground/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../inference/network/index.ts';
import {
  type AcceptedBox,
  applyProfile,
  DEFAULT_PROFILE_FILE,
  profileOfBoxes,
  readProfile,
} from '../inference/profiles/index.ts';
import { type LabelledClick, labelledClicks } from './labelled-clicks.ts';
import { randomFrom } from './random.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '1' },
    draws: { type: 'string', default: '20' },
    group: { type: 'string', default: 'car' },
  },
});
const SIZES = [1, 2, 3, 5, 10, 20];
const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });
const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);

/** A click, its answer without a profile, and what the adaptation needs. */
interface Answered {
  readonly click: LabelledClick;
  readonly box: Box;
  readonly class: LabelledClick['class'];
  readonly ground: ReturnType<typeof estimateGround>;
}

function acceptedOf({ truth, request, class: name }: LabelledClick): AcceptedBox {
  const { positions, count } = request.crop;
  const points = positions.slice(0, 3 * count).map((value, i) => value - truth.center[i % 3]!);
  return { box: truth, class: name, points };
}

console.log('| set | boxes in the profile | mean 3D IoU | gain | worst draw | >= 0.7 | gain |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const folder of positionals) {
  const clicks = await labelledClicks(folder, {
    group: values.group as LabelGroup,
    hint: 'click',
    seeds: 1,
    minPoints: 20,
    every: Number(values.every),
  });
  const answered: Answered[] = [];
  for (const click of clicks) {
    const { box, class: found } = await network.fit(click.request);
    const { positions, count } = click.request.crop;
    const ground = estimateGround(positions, count, [box.center[0], box.center[1]]);
    answered.push({ click, box, class: found, ground });
  }
  const objects = [...new Map(clicks.map((click) => [click.object, click])).values()];
  const plain = answered.map(({ box, click }) => iou3d(box, click.truth));
  const meanOf = (ious: readonly number[]) => ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
  const at70 = (ious: readonly number[]) => ious.filter((iou) => iou >= 0.7).length / ious.length;
  const name = clicks[0]!.set;
  console.log(
    `| ${name} (${clicks.length} clicks, ${objects.length} objects) | 0 | ${meanOf(plain).toFixed(3)} | | | ${(100 * at70(plain)).toFixed(1)} % | |`,
  );
  const random = randomFrom(1);
  for (const size of SIZES) {
    if (size >= objects.length) continue;
    const gains: number[] = [];
    const [means, shares]: [number[], number[]] = [[], []];
    for (let draw = 0; draw < Number(values.draws); draw++) {
      const order = objects.map((each) => [random(), each] as const).sort((a, b) => a[0] - b[0]);
      const chosen = order.slice(0, size).map(([, each]) => each);
      const { profile } = profileOfBoxes(chosen.map(acceptedOf), { given: null, towards: trainingProfile });
      const left = new Set(chosen.map(({ object }) => object));
      const [before, after]: [number[], number[]] = [[], []];
      for (const [k, { click, box, class: found, ground }] of answered.entries()) {
        if (left.has(click.object)) continue;
        const [own, taught] = [profile.classes[found], trainingProfile.classes[found]];
        const adapted =
          own && taught
            ? applyProfile(box, { own, trainingProfile: taught }, click.request.crop, ground, false)
            : box;
        before.push(plain[k]!);
        after.push(iou3d(adapted, click.truth));
      }
      gains.push(meanOf(after) - meanOf(before));
      means.push(meanOf(after));
      shares.push(at70(after) - at70(before));
    }
    const signed = (value: number, digits: number) => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
    console.log(
      `| ${name} | ${size} | ${meanOf(means).toFixed(3)} | ${signed(meanOf(gains), 3)} | ${signed(Math.min(...gains), 3)} | ${(100 * (at70(plain) + meanOf(shares))).toFixed(1)} % | ${signed(100 * meanOf(shares), 1)} |`,
    );
  }
}
