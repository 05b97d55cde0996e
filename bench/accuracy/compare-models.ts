/**
 * Two or more models side by side on the same questions, set by set: mean 3D IoU and the share of at least
 * 0.7 (cars, vans, trucks) or 0.5 (people, cyclists), from a click and from a loose box, and of cars from a
 * click with a profile of 20 other objects of the set.
 *
 *   npx tsx bench/accuracy/compare-models.ts --model DIR --model DIR FOLDER... [--every 1] [--draws 5]
 *
 * A change of weights is shipped if no set loses by it: this prints what to look at.
 */

import { parseArgs } from 'node:util';
import { mulberry32 } from '../../cache/foundation/index.ts';
import type { LabelGroup } from '../../inference/classes/index.ts';
import { loadNetwork } from '../../inference/network/index.ts';
import { DEFAULT_PROFILE_FILE, readProfile } from '../../inference/profiles/index.ts';
import { labelledClicks } from '../kit/index.ts';
import { answerClicks, drawProfile, meanOf } from './few-box-profiles.ts';

const { positionals: folders, values } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', multiple: true, default: [] },
    every: { type: 'string', default: '1' },
    draws: { type: 'string', default: '5' },
  },
});
if (values.model.length === 0 || folders.length === 0) throw new Error('give --model DIR, and folders');

/** A group, its least points, and the 3D IoU from which a box is right. */
const GROUPS: readonly (readonly [LabelGroup, number, number])[] = [
  ['car', 20, 0.7],
  ['van', 10, 0.5],
  ['truck', 10, 0.5],
  ['pedestrian', 10, 0.5],
  ['cyclist', 10, 0.5],
];
const PROFILE_BOXES = 20;
const models = await Promise.all(values.model.map((modelFolder) => loadNetwork({ modelFolder, threads: 1 })));
const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);
const cell = (ious: readonly number[], least: number) =>
  `${meanOf(ious).toFixed(3)} / ${(100 * meanOf(ious.map((iou) => Number(iou >= least)))).toFixed(1)} %`;
const row = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);

row(['set', 'group', 'asked by', 'questions', ...values.model]);
row(['---', '---', '---', '---:', ...values.model.map(() => '---:')]);
for (const folder of folders) {
  for (const [group, minPoints, least] of GROUPS) {
    for (const hint of ['click', 'box'] as const) {
      const clicks = await labelledClicks(folder, {
        group,
        hint,
        seeds: 1,
        minPoints,
        every: Number(values.every),
      });
      if (clicks.length === 0) continue;
      const [set, count] = [clicks[0]!.set, String(clicks.length)];
      const cells: string[] = [];
      const told: string[] = [];
      for (const network of models) {
        const answered = await answerClicks(network, clicks);
        const ious = answered.map(({ iou }) => iou);
        cells.push(cell(ious, least));
        if (group !== 'car' || hint !== 'click') continue;
        const random = mulberry32(1);
        const after: number[] = [];
        for (let draw = 0; draw < Number(values.draws); draw++) {
          const drawn = await drawProfile(network, answered, PROFILE_BOXES, trainingProfile, random);
          after.push(...drawn.after);
        }
        told.push(cell(after, least));
      }
      row([set, group, hint, count, ...cells]);
      if (told.length > 0) row([set, group, `${hint}, profile of ${PROFILE_BOXES}`, count, ...told]);
    }
  }
}
