import { describe, expect, it } from 'vitest';
import type { EvaluationRow } from '../../../inference/index.ts';
import { answerLine } from './evaluation-answer.ts';

let objects = 0;
function row(more: {
  iou: number | null;
  group?: string;
  predictor?: string;
  hint?: string;
  object?: string;
}) {
  const { iou, group = 'car', predictor = 'network', hint = 'click', object = `o${objects++}` } = more;
  return {
    predictor,
    hint,
    group,
    object,
    answer: iou === null ? null : { iou },
  } as unknown as EvaluationRow;
}

describe('the first line of an evaluation', () => {
  it('is the share of good boxes by class, of the first predictor and hint', () => {
    const rows = [
      ...[0.9, 0.7, 0.8, 0.75, 0.71].map((iou) => row({ iou })),
      row({ iou: 0.69 }),
      row({ iou: 1, predictor: 'geometric' }),
      row({ iou: 1, hint: 'box' }),
      row({ iou: 0.8, group: 'pedestrian' }),
      row({ iou: null, group: 'pedestrian' }),
    ];
    expect(answerLine(rows)).toBe(
      '83 % of cars (6 of them), 50 % of pedestrians (2 of them) get a box of 3D IoU 0.7 or more from one click (network)',
    );
  });

  it('counts an object that was asked about several times once', () => {
    const rows = [row({ iou: 0.9, object: 'x' }), row({ iou: 0.1, object: 'x' })];
    expect(answerLine(rows)).toMatch(/^50 % of cars \(1 of them\)/);
  });

  it('says that nothing counts', () => {
    expect(answerLine([])).toMatch(/^no object/);
  });
});
