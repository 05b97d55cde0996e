/**
 * How far the score is from the 3D IoU that it foretells, set by set: answers in tenths by their score (0 to
 * .1, .1 to .2 ...), mean score less mean IoU of each tenth with 30 answers or more; from a click and from a
 * loose box, without a profile and with one of 20 other objects of the set.
 *
 *   npx tsx bench/accuracy/scores/score-bins.ts FOLDER... [--every 1] [--draws 3]
 */
import { parseArgs } from 'node:util';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import { iou3d } from '../../../inference/boxes/index.ts';
import { LABEL_GROUPS } from '../../../inference/classes/index.ts';
import type { ProfilePair } from '../../../inference/fit/index.ts';
import { loadNetwork, readDescription, SHIPPED_MODEL } from '../../../inference/network/index.ts';
import { DEFAULT_PROFILE_FILE, readProfile } from '../../../inference/profiles/index.ts';
import { calibratedHint, expectedRealIou, readCalibration } from '../../../inference/scores/index.ts';
import { type LabelledClick, labelledClicks } from '../../kit/index.ts';
import { meanOf, profileOfSome } from '../few-box-profiles.ts';

const { positionals: folders, values } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' }, draws: { type: 'string', default: '3' } },
});
if (folders.length === 0) throw new Error('give folders of labelled frames');

const MIN_POINTS = 4;
const MIN_ANSWERS = 30;
const PROFILE_BOXES = 20;
const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });
const { propose, refine } = readDescription(SHIPPED_MODEL).networks;
const calibration = readCalibration({ propose: propose.sha256, refine: refine.sha256 });
if (calibration === null) throw new Error('the shipped weights have no calibration');
const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);

interface Scored {
  readonly score: number;
  readonly iou: number;
}

async function scored({ request, truth }: LabelledClick, profile?: ProfilePair): Promise<Scored> {
  const found = await network.fit({ ...request, ...(profile && { profile }) });
  const hint = calibratedHint(request.hint);
  return {
    score: expectedRealIou(found.class, calibration!, hint, found.score, found.nearPoints),
    iou: iou3d(found.box, truth),
  };
}

/** Mean score less mean IoU of each tenth that has enough answers. */
function offBy(answers: readonly Scored[]): { from: number; answers: number; off: number }[] {
  const tenths = Array.from({ length: 10 }, (_, k) => ({
    from: k / 10,
    of: answers.filter(({ score }) => Math.min(9, Math.floor(10 * score)) === k),
  }));
  return tenths
    .filter(({ of }) => of.length >= MIN_ANSWERS)
    .map(({ from, of }) => ({
      from,
      answers: of.length,
      off: meanOf(of.map(({ score }) => score)) - meanOf(of.map(({ iou }) => iou)),
    }));
}

const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3).slice(1)}`;

console.log(
  '| set | asked by | answers | mean score | mean 3D IoU | largest | tenths: mean score less mean IoU |',
);
console.log('| --- | --- | ---: | ---: | ---: | ---: | --- |');
for (const folder of folders) {
  for (const hint of ['click', 'box'] as const) {
    const clicks: LabelledClick[] = [];
    for (const group of LABEL_GROUPS)
      clicks.push(
        ...(await labelledClicks(folder, {
          group,
          hint,
          seeds: 1,
          minPoints: MIN_POINTS,
          every: Number(values.every),
        })),
      );
    const told: Scored[] = [];
    const random = mulberry32(1);
    for (let draw = 0; draw < Number(values.draws); draw++) {
      const { pair, objects } = profileOfSome(clicks, PROFILE_BOXES, trainingProfile, random);
      for (const click of clicks) if (!objects.has(click.object)) told.push(await scored(click, pair));
    }
    const untold: Scored[] = [];
    for (const click of clicks) untold.push(await scored(click));
    for (const [asked, answers] of [
      [hint, untold],
      [`${hint}, profile of ${PROFILE_BOXES}`, told],
    ] as const) {
      const bins = offBy(answers);
      const largest = Math.max(...bins.map(({ off }) => Math.abs(off)));
      console.log(
        `| ${clicks[0]!.set} | ${asked} | ${answers.length} | ${meanOf(answers.map(({ score }) => score)).toFixed(3)} | ` +
          `${meanOf(answers.map(({ iou }) => iou)).toFixed(3)} | ${largest.toFixed(3).slice(1)} | ` +
          `${bins.map(({ from, answers: n, off }) => `${from.toFixed(1).slice(1)}: ${signed(off)} (${n})`).join(', ')} |`,
      );
    }
  }
}
