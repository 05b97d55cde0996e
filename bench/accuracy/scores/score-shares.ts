/**
 * What share of the 3D IoU that simulation foretells real frames reach, by kind of object as the answer has
 * it, set by set; and for each set the error of the mean score if the share is the mean of the other sets,
 * half of the way to it, or that of all kinds.
 *
 *   npx tsx bench/accuracy/scores/score-shares.ts FOLDER FOLDER FOLDER... [--every 1]
 *
 * The constants of `inference/scores/calibration.ts` are chosen by it.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { iou3d } from '../../../inference/boxes/index.ts';
import { LABEL_GROUPS, type ObjectClass } from '../../../inference/classes/index.ts';
import { loadNetwork, readDescription, SHIPPED_MODEL } from '../../../inference/network/index.ts';
import { calibratedHint, expectedIou, readCalibration } from '../../../inference/scores/index.ts';
import { labelledClicks } from '../../kit/index.ts';
import { meanOf } from '../few-box-profiles.ts';

const { positionals: folders, values } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
});
if (folders.length < 3) throw new Error('give three or more folders of labelled frames');

const MIN_POINTS = 4;
const MIN_ANSWERS = 15;
/** The share of what is not listed by class. */
const COMMON_SHARE = 0.96;
const KINDS: Readonly<Record<ObjectClass, string>> = {
  car: 'cars',
  van: 'large vehicles',
  truck: 'large vehicles',
  bus: 'large vehicles',
  pickup: 'large vehicles',
  pedestrian: 'people',
  cyclist: 'riders',
  motorcyclist: 'riders',
  other: 'other',
};

const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });
const { propose, refine } = readDescription(SHIPPED_MODEL).networks;
const calibration = readCalibration({ propose: propose.sha256, refine: refine.sha256 });
if (calibration === null) throw new Error('the shipped weights have no calibration');

interface ForetoldAnswer {
  readonly kind: string;
  readonly foretold: number;
  readonly iou: number;
}

async function answersOf(folder: string, hint: 'click' | 'box'): Promise<ForetoldAnswer[]> {
  const answers: ForetoldAnswer[] = [];
  for (const group of LABEL_GROUPS)
    for (const { request, truth } of await labelledClicks(folder, {
      group,
      hint,
      seeds: 2,
      minPoints: MIN_POINTS,
      every: Number(values.every),
    })) {
      const { box, class: found, score, nearPoints } = await network.fit(request);
      const foretold = expectedIou(calibration!, calibratedHint(request.hint), score, nearPoints);
      answers.push({ kind: KINDS[found], foretold, iou: iou3d(box, truth) });
    }
  return answers;
}

const set = (folder: string) => path.basename(folder);
const two = (value: number) => value.toFixed(2).replace(/^0/, '');
console.log(`| kind, hint | ${folders.map(set).join(' | ')} | left out: mean, half, common |`);
console.log(`| --- | ${folders.map(() => '---').join(' | ')} | --- |`);
for (const hint of ['click', 'box'] as const) {
  const bySet = new Map<string, ForetoldAnswer[]>();
  for (const folder of folders) bySet.set(folder, await answersOf(folder, hint));
  for (const kind of new Set(Object.values(KINDS))) {
    const shares = new Map<string, { share: number; foretold: number; answers: number }>();
    for (const [folder, answers] of bySet) {
      const of = answers.filter((answer) => answer.kind === kind);
      if (of.length < MIN_ANSWERS) continue;
      const foretold = meanOf(of.map((answer) => answer.foretold));
      shares.set(folder, {
        share: meanOf(of.map(({ iou }) => iou)) / foretold,
        foretold,
        answers: of.length,
      });
    }
    const errors = { mean: [] as number[], half: [] as number[], common: [] as number[] };
    for (const [folder, { share, foretold }] of shares) {
      const others = [...shares].filter(([other]) => other !== folder).map(([, other]) => other.share);
      if (others.length === 0) continue;
      const mean = meanOf(others);
      errors.mean.push(Math.abs(mean - share) * foretold);
      errors.half.push(Math.abs((1 + mean) / 2 - share) * foretold);
      errors.common.push(Math.abs(COMMON_SHARE - share) * foretold);
    }
    const cells = folders.map((folder) => {
      const found = shares.get(folder);
      return found === undefined ? '' : `${two(found.share)} (${found.answers})`;
    });
    const left = Object.values(errors).map((all) =>
      all.length === 0 ? '' : meanOf(all).toFixed(3).slice(1),
    );
    console.log(`| ${kind}, ${hint} | ${cells.join(' | ')} | ${left.join(', ')} |`);
  }
}
