/** The evaluation as Markdown tables and as JSON. */
import { type BreakdownPart, breakdown } from './breakdown.ts';
import type { EvaluationRow } from './evaluate.ts';
import { ORACLE_NAMES } from './oracles.ts';
import type { Estimate, Summary } from './summary.ts';

/**
 * How well two people agree: Waymo's relabelling study, vehicles (Qi et al., "Offboard 3D Object Detection",
 * CVPR 2021, tables 2 and 13).
 */
export const HUMAN = { iou: 0.8092, bev: 0.8798, at70: 0.8645, at80: 0.6049 } as const;

/**
 * Published models that are given the object's place and were trained on the data set that they are measured
 * on; shares at 3D IoU 0.7: Frustum PointNets from a perfect 2D box (Qi et al., CVPR 2018, table 7), and the
 * refiner of the study above from a detector's box in one frame (table 8).
 */
export const PUBLISHED = [
  { name: 'Frustum PointNets', data: 'KITTI cars, a perfect image box', at70: 0.743 },
  { name: '3DAL refiner, one frame', data: 'Waymo vehicles, parked', at70: 0.7813 },
  { name: '3DAL refiner, one frame', data: 'Waymo vehicles, moving', at70: 0.8065 },
] as const;

const ORACLE_TITLES = {
  height: '+ height',
  ends: '+ ends',
  sides: '+ sides',
  yaw: '+ yaw',
  other: 'other object',
} as const;

const COLUMNS = [
  ['predictor', 'part', 'rows', 'objects', 'answered', '3D IoU', 'BEV IoU'],
  ['>= .5', '>= .7', '>= .8', 'no edit'],
  ['height', 'ends', 'sides', 'yaw', 'other'].map(
    (part) => ORACLE_TITLES[part as keyof typeof ORACLE_TITLES],
  ),
  ['yaw (deg)', 'flipped', 'centre (m)', 'z (m)', 'l w h (m)', 'score off', 'ms'],
].flat();

/**
 * One table for each hint and class group. Tables of cars have the agreement between people as their last
 * row.
 */
export function markdownReport(rows: readonly EvaluationRow[]): string {
  const parts = breakdown(rows);
  const titles = [...new Set(parts.map((part) => titleOf(part)))];
  return titles
    .map((title) => {
      const lines = parts
        .filter((part) => titleOf(part) === title)
        .flatMap((part) => part.summaries.map(({ predictor, summary }) => line(predictor, part, summary)));
      const human = title.startsWith('car') ? [humanLine(), ...PUBLISHED.map(publishedLine)] : [];
      const table = [row(COLUMNS), row(COLUMNS.map((_, k) => (k < 2 ? '---' : '---:'))), ...lines, ...human];
      return `### ${title}\n\n${table.join('\n')}\n`;
    })
    .join('\n');
}

/** Explains the columns, below the tables. */
export const LEGEND = `Mean 3D and BEV IoU with a 95 % bootstrap interval over distinct objects; no answer counts as 0. Shares at 3D IoU of at least .5, .7, .8.
No edit: every face within 10 cm. Yaw (modulo 180 degrees), centre (from above), z of the centre and sizes: medians of the absolute error of the answers.
People: two labellings of the same objects, compared with each other; their .7 and .8 are average precisions, not shares of clicks.
+ height, + ends, + sides, + yaw: mean 3D IoU of the answers if their floor and top, the place of front and rear, that of the two sides, or the yaw were
the true ones. Other object: share of the answers that overlap the object by less than a tenth from above.
Flipped: share of headings the wrong way round. Score off: mean difference of score and 3D IoU.
`;

/** All figures and all rows, so that other figures can be made from them. */
export function jsonReport(rows: readonly EvaluationRow[]): {
  human: typeof HUMAN;
  parts: BreakdownPart[];
  rows: readonly EvaluationRow[];
} {
  return { human: HUMAN, parts: breakdown(rows), rows };
}

function titleOf(part: BreakdownPart): string {
  return `${part.group}, ${part.hint}`;
}

function line(predictor: string, part: BreakdownPart, s: Summary): string {
  const cut = part.points ? `${part.points} points` : part.range;
  const where = [part.source ?? 'all sources', ...(cut ? [cut] : [])].join(', ');
  return row([
    predictor,
    where,
    String(s.rows),
    String(s.objects),
    percent(s.answered),
    withInterval(s.iou),
    fixed(s.bev, 3),
    percent(s.at50),
    withInterval(s.at70, percent),
    percent(s.at80),
    percent(s.noEdit),
    ...ORACLE_NAMES.map((name) => fixed(s.oracles?.[name] ?? null, 3)),
    s.other === null ? '-' : percent(s.other),
    s.yawError === null ? '-' : fixed((s.yawError * 180) / Math.PI, 1),
    s.flipped === null ? '-' : percent(s.flipped),
    fixed(s.centerError, 2),
    fixed(s.zError, 2),
    s.sizeError ? s.sizeError.map((size) => fixed(size, 2)).join(' ') : '-',
    fixed(s.scoreError, 2),
    fixed(s.milliseconds, 1),
  ]);
}

function humanLine(): string {
  const cells = [
    'people',
    'Waymo vehicles, labelled twice',
    '25641',
    '-',
    '-',
    fixed(HUMAN.iou, 3),
    fixed(HUMAN.bev, 3),
  ];
  const shares = ['-', percent(HUMAN.at70), percent(HUMAN.at80), '-'];
  return row([
    ...cells,
    ...shares,
    ...Array.from({ length: COLUMNS.length - cells.length - shares.length }, () => '-'),
  ]);
}

function publishedLine({ name, data, at70 }: (typeof PUBLISHED)[number]): string {
  const cells = [name, data, ...Array.from({ length: COLUMNS.length - 2 }, () => '-')];
  return row(cells.with(COLUMNS.indexOf('>= .7'), percent(at70)));
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function withInterval(estimate: Estimate, show = (value: number) => fixed(value, 3)): string {
  return `${show(estimate.value)} (${show(estimate.interval[0])}-${show(estimate.interval[1])})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}
