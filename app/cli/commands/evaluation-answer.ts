/** The first line of an evaluation: how often the first predictor's answer is good enough, in a sentence. */
import type { EvaluationRow } from '../../../inference/index.ts';

/** The overlap at which published figures are given. */
const GOOD_IOU = 0.7;

const NOUNS: Readonly<Record<string, string>> = {
  car: 'cars',
  pedestrian: 'pedestrians',
  cyclist: 'cyclists',
};

/**
 * `83 % of cars (41 of them), ... get a box of 3D IoU 0.7 or more from one click (network)`: of the predictor
 * and the hint of the first row.
 */
export function answerLine(rows: readonly EvaluationRow[]): string {
  const [first] = rows;
  if (first === undefined) return 'no object of these frames counts: no answer';
  const { predictor, hint } = first;
  const mine = rows.filter((row) => row.predictor === predictor && row.hint === hint);
  const parts = [...new Set(mine.map(({ group }) => group))].map((group) => {
    const own = mine.filter((row) => row.group === group);
    const good = own.filter((row) => (row.answer?.iou ?? 0) >= GOOD_IOU).length;
    const objects = new Set(own.map(({ object }) => object)).size;
    return `${Math.round((100 * good) / own.length)} % of ${NOUNS[group] ?? group} (${objects} of them)`;
  });
  return `${parts.join(', ')} get a box of 3D IoU ${GOOD_IOU} or more from one ${hint} (${predictor})`;
}
