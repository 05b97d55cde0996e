/**
 * What a label profile of a few accepted boxes is worth to the other cars of a set: mean 3D IoU and the share
 * of at least 0.7 from a click, over random draws of the boxes that the profile is made of (the car that is
 * asked about is never among them).
 *
 *   npx tsx bench/accuracy/profile-few.ts FOLDER... [--every 1] [--draws 20] [--group car] \
 *     [--model-folder DIR]
 */

import { parseArgs } from 'node:util';
import { mulberry32 } from '../../cache/foundation/index.ts';
import type { LabelGroup } from '../../inference/classes/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { DEFAULT_PROFILE_FILE, readProfile } from '../../inference/profiles/index.ts';
import { labelledClicks } from '../kit/index.ts';
import { answerClicks, drawProfile, meanOf, type ProfileDraw, shareAt70 } from './few-box-profiles.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '1' },
    draws: { type: 'string', default: '20' },
    group: { type: 'string', default: 'car' },
    'model-folder': { type: 'string', default: SHIPPED_MODEL },
  },
});
const SIZES = [1, 2, 3, 5, 10, 20];
const network = await loadNetwork({ modelFolder: values['model-folder'], threads: 1 });
const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const signed = (value: number, digits: number) => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;

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
  const answered = await answerClicks(network, clicks);
  const plain = answered.map(({ iou }) => iou);
  const objects = new Set(clicks.map(({ object }) => object)).size;
  const name = clicks[0]!.set;
  console.log(
    `| ${name} (${clicks.length} clicks, ${objects} objects) | 0 | ${meanOf(plain).toFixed(3)} | | | ${percent(shareAt70(plain))} | |`,
  );
  const random = mulberry32(1);
  for (const size of SIZES.filter((each) => each < objects)) {
    const draws: ProfileDraw[] = [];
    while (draws.length < Number(values.draws))
      draws.push(await drawProfile(network, answered, size, trainingProfile, random));
    const gains = draws.map(({ before, after }) => meanOf(after) - meanOf(before));
    const shares = meanOf(draws.map(({ before, after }) => shareAt70(after) - shareAt70(before)));
    const mean = meanOf(draws.map(({ after }) => meanOf(after)));
    console.log(
      `| ${name} | ${size} | ${mean.toFixed(3)} | ${signed(meanOf(gains), 3)} | ${signed(Math.min(...gains), 3)} | ${percent(shareAt70(plain) + shares)} | ${signed(100 * shares, 1)} |`,
    );
  }
}
