/**
 * Fits the score's calibration to the weights that are there, and shows what it is worth on scans that
 * neither it nor the network was fitted to.
 *
 *     cd inference/training
 *     python -m simulation.simulate --out out/fit --scans 60 --per-shard 20 --seed 779 --least 1
 *     python -m simulation.simulate --out out/test --scans 60 --per-shard 20 --seed 778 --least 1
 *     for part in fit test; do
 *       python ../evaluation/simulated_frames.py out/$part --out out/$part-frames
 *     done
 *     cd ../..
 *     npm run calibrate -- inference/training/out/fit-frames inference/training/out/test-frames \
 *       [REAL_FOLDER...]
 *
 * Writes inference/scores/calibration.json, docs/images/calibration.svg and the table in docs/accuracy.md.
 * Real folders are reported, not fitted to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateFolder } from '../../app/evaluation/index.ts';
import { type EvaluationRow, LABEL_GROUPS, readLabelledFrames } from '../../inference/index.ts';
import { readDescription, SHIPPED_MODEL } from '../../inference/network/index.ts';
import {
  CALIBRATED_HINTS,
  CALIBRATION_FILE,
  type CalibratedHint,
  type Calibration,
  type Curve,
  type Expectation,
  expectedIou,
  fitCurve,
  fitShares,
  onCurve,
} from '../../inference/scores/index.ts';
import { writeBetween } from '../kit/index.ts';
import { reliabilityPlot, type Series } from './reliability-plot.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '2' } },
});
const [fitFolder, testFolder, ...realFolders] = positionals;
if (fitFolder === undefined || testFolder === undefined)
  throw new Error('give two folders of labelled frames');

/** Objects of few points are asked about too: their scores have to be right above all. */
const LEAST_POINTS = 1;
const BANDS = [
  ['1-3 points', 0, 4],
  ['4-19 points', 4, 20],
  ['20-50 points', 20, 50],
  ['50-200 points', 50, 200],
  ['200+ points', 200, Number.POSITIVE_INFINITY],
] as const;

type Pair = readonly [score: number, iou: number];

async function rowsOf(folder: string, every: number): Promise<EvaluationRow[]> {
  const frames = (await readLabelledFrames(folder)).filter((_, k) => k % every === 0);
  const rows = await evaluateFolder(frames, {
    groups: LABEL_GROUPS,
    hints: CALIBRATED_HINTS,
    methods: ['model'],
    seeds: 1,
    minPoints: LEAST_POINTS,
    signal: new AbortController().signal,
  });
  console.log(`${path.basename(folder)}: ${frames.length} frames, ${rows.length} questions`);
  return rows.filter((row) => row.answer?.rawScore != null && row.answer.nearPoints !== null);
}

const pairsOf = (rows: readonly EvaluationRow[]): Pair[] =>
  rows.map(({ answer }) => [answer!.rawScore!, answer!.iou] as const);
const ofHint = (rows: readonly EvaluationRow[], hint: CalibratedHint) =>
  rows.filter((row) => row.hint === hint);
const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / Math.max(1, list.length);

/** Mean score and IoU in tenths of the rows, by score. */
function reliability(rows: readonly EvaluationRow[], fit: Expectation | null, bins = 10): Pair[] {
  const pairs = rows.map((row): Pair => [scoreOf(row, fit), row.answer!.iou]).sort((a, b) => a[0] - b[0]);
  return Array.from({ length: bins }, (_, k): Pair => {
    const part = pairs.slice(
      Math.floor((k * pairs.length) / bins),
      Math.floor(((k + 1) * pairs.length) / bins),
    );
    return [mean(part.map(([score]) => score)), mean(part.map(([, iou]) => iou))];
  }).filter(([score]) => score > 0);
}

function scoreOf({ hint, answer }: EvaluationRow, fit: Expectation | null): number {
  const { rawScore, nearPoints } = answer!;
  return fit === null ? rawScore! : expectedIou(fit, hint as CalibratedHint, rawScore!, nearPoints!);
}

/** Mean distance of score and IoU over tenths of the rows: the expected calibration error. */
const gap = (pairs: readonly Pair[]) => mean(pairs.map(([score, iou]) => Math.abs(score - iou)));

function tableRow(name: string, rows: readonly EvaluationRow[], fit: Expectation): string {
  const scores = (with_: Expectation | null) => rows.map((row) => scoreOf(row, with_));
  const ious = rows.map(({ answer }) => answer!.iou);
  const off = (list: readonly number[]) => mean(list.map((score, k) => Math.abs(score - ious[k]!)));
  const [raw, mapped] = [scores(null), scores(fit)];
  const cells = [
    mean(ious),
    mean(raw),
    mean(mapped),
    gap(reliability(rows, null)),
    gap(reliability(rows, fit)),
  ];
  const figures = [...cells, off(raw), off(mapped)].map((value) => value.toFixed(3));
  return `| ${[name, String(rows.length), ...figures].join(' | ')} |`;
}

const fitted = await rowsOf(fitFolder, Number(values.every));
const byHint = (fit: (hint: CalibratedHint, rows: EvaluationRow[]) => Curve) =>
  Object.fromEntries(CALIBRATED_HINTS.map((hint) => [hint, fit(hint, ofHint(fitted, hint))])) as Record<
    CalibratedHint,
    Curve
  >;
const curves = byHint((_hint, rows) => fitCurve(pairsOf(rows)));
const shares = byHint((hint, rows) =>
  fitShares(
    rows.map(({ answer }) => [answer!.nearPoints!, onCurve(curves[hint], answer!.rawScore!), answer!.iou]),
  ),
);
const { propose, refine } = readDescription(SHIPPED_MODEL).networks;
const calibration = {
  weights: { propose: propose.sha256, refine: refine.sha256 },
  fitted: { on: 'held-out simulation', questions: fitted.length },
  curves,
  shares,
} as Calibration & { fitted: unknown };
writeFileSync(CALIBRATION_FILE, `${JSON.stringify(calibration, null, 2)}\n`);

const test = await rowsOf(testFolder, Number(values.every));
const stored: Expectation = calibration;
const lines = [
  '| rows | questions | 3D IoU | score, raw | score | raw: off by (tenths) | off by (tenths) | raw: off by (each) | off by (each) |',
  `| --- |${' ---: |'.repeat(8)}`,
  tableRow('simulated', test, stored),
  ...CALIBRATED_HINTS.map((hint) => tableRow(`simulated, ${hint}`, ofHint(test, hint), stored)),
  ...BANDS.map(([name, from, to]) =>
    tableRow(
      `simulated, ${name}`,
      test.filter(({ numPoints }) => numPoints >= from && numPoints < to),
      stored,
    ),
  ),
];
const series: Series[] = [
  { name: 'simulated, raw', pairs: reliability(test, null), isDashed: true },
  { name: 'simulated', pairs: reliability(test, stored), isDashed: false },
];
for (const folder of realFolders) {
  const all = await readLabelledFrames(folder);
  const rows = await rowsOf(folder, all.length >= 20 && all[0]!.scene === all[1]!.scene ? 5 : 1);
  const name = path.basename(folder);
  lines.push(tableRow(name, rows, stored));
  for (const [band, from, to] of BANDS) {
    const part = rows.filter(({ numPoints }) => numPoints >= from && numPoints < to);
    if (part.length >= 20) lines.push(tableRow(`${name}, ${band}`, part, stored));
  }
  series.push({ name, pairs: reliability(rows, stored, 5), isDashed: false });
}
writeFileSync(new URL('../../docs/images/calibration.svg', import.meta.url), reliabilityPlot(series));
const docs = new URL('../../docs/accuracy.md', import.meta.url);
writeFileSync(docs, writeBetween(readFileSync(docs, 'utf8'), 'calibration', lines.join('\n')));
console.log(lines.join('\n'));
