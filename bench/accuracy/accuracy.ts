/**
 * Writes the tables of docs/accuracy.md, for the weights that are there:
 *
 *   npm run accuracy -- KITTI_FOLDER PANDASET_FOLDER SIMULATED_FOLDER [--rows FILE]
 *
 * Folders as `nearbox evaluate` reads them; the simulated one is made as the head of
 * `bench/accuracy/calibrate.ts` says. Of consecutive frames of one scene every second one is asked about
 * (every fifth with the rarer hints), of simulated scans every sixth. `--rows` keeps all rows as JSON, after
 * each folder; with no folder, the tables are written from such a file again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateFolder } from '../../app/evaluation/index.ts';
import {
  type Estimate,
  HUMAN,
  ORACLE_NAMES,
  POINT_BANDS,
  PUBLISHED,
  RANGE_BANDS,
  type Summary,
  summarise,
} from '../../inference/evaluation/index.ts';
import {
  type EvaluationRow,
  HINT_KINDS,
  type LabelGroup,
  type LabelledFrame,
  readLabelledFrames,
} from '../../inference/index.ts';
import { readDescription, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { writeBetween } from '../kit/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'string' } },
});
const GROUPS = ['car', 'van', 'truck', 'pedestrian', 'cyclist'] as const satisfies readonly LabelGroup[];
const MAIN_HINTS = ['click', 'box'] as const;
const OTHER_HINTS = HINT_KINDS.filter((kind) => kind !== 'click' && kind !== 'box');
const signal = new AbortController().signal;

interface Source {
  readonly name: string;
  readonly folder: string;
  readonly isSimulated: boolean;
}

const NAMES = ['KITTI', 'PandaSet 002', 'simulated'] as const;
const sources: Source[] = positionals.map((folder, k) => ({
  name: NAMES[k] ?? folder,
  folder,
  isSimulated: k === 2,
}));
if (sources.length === 0 && values.rows === undefined) throw new Error('give the folders of labelled frames');

const every = (frames: readonly LabelledFrame[], step: number) => frames.filter((_, k) => k % step === 0);

async function askAll({ folder, isSimulated }: Source): Promise<EvaluationRow[]> {
  const frames = await readLabelledFrames(folder);
  const isSequence = frames.length > 1 && frames[0]!.scene === frames[1]!.scene;
  const [mainStep, otherStep] = isSimulated ? [6, 6] : isSequence ? [2, 5] : [1, 1];
  const common = { groups: GROUPS, signal };
  const main = await evaluateFolder(every(frames, mainStep), {
    ...common,
    hints: MAIN_HINTS,
    seeds: isSimulated ? 1 : 3,
  });
  const others = await evaluateFolder(every(frames, otherStep), {
    ...common,
    hints: OTHER_HINTS,
    methods: ['model'],
    seeds: isSimulated ? 1 : 2,
  });
  console.log(`${folder}: ${main.length + others.length} questions`);
  return [...main, ...others];
}

interface Named extends Source {
  readonly rows: readonly EvaluationRow[];
}
const all: Named[] =
  sources.length === 0 && values.rows !== undefined ? JSON.parse(readFileSync(values.rows, 'utf8')) : [];
for (const source of sources) {
  all.push({ ...source, rows: await askAll(source) });
  if (values.rows !== undefined) writeFileSync(values.rows, JSON.stringify(all));
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const spread = (e: Estimate, show: (value: number) => string) =>
  `${show(e.value)} (${show(e.interval[0])}-${show(e.interval[1])})`;
const fixed = (value: number | null | undefined, digits: number) => value?.toFixed(digits) ?? '-';
const degrees = (radians: number | null) => fixed(radians === null ? null : (radians * 180) / Math.PI, 1);
const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (titles: readonly string[], texts: number, lines: readonly string[]) =>
  [line(titles), line(titles.map((_, k) => (k < texts ? '---' : '---:'))), ...lines].join('\n');

const TITLES = [
  ...['hints / objects', '3D IoU', 'BEV IoU', '>= 0.5', '>= 0.7', '>= 0.8', 'no edit'],
  ...['yaw (deg)', 'flipped', 'centre (m)', 'l w h off (m)'],
];
const figures = (s: Summary) => [
  `${s.rows} / ${s.objects}`,
  spread(s.iou, (value) => value.toFixed(3)),
  s.bev.toFixed(3),
  percent(s.at50),
  spread(s.at70, percent),
  percent(s.at80),
  percent(s.noEdit),
  degrees(s.yawError),
  s.flipped === null ? '-' : percent(s.flipped),
  fixed(s.centerError, 2),
  s.sizeError?.map((size) => size.toFixed(2)).join(' ') ?? '-',
];

/** One line for each predictor that has rows of the kind. */
function lines(name: readonly string[], rows: readonly EvaluationRow[]): string[] {
  return [...new Set(rows.map(({ predictor }) => predictor))].map((predictor) =>
    line([...name, predictor, ...figures(summarise(rows.filter((row) => row.predictor === predictor)))]),
  );
}

function carTable(hint: (typeof MAIN_HINTS)[number]): string {
  const body = all.flatMap(({ name, rows }) => {
    const of = rows.filter((row) => row.group === 'car' && row.hint === hint);
    return [
      ...lines([name, 'all'], of),
      ...POINT_BANDS.flatMap((band) =>
        lines(
          [name, `${band.name} points`],
          of.filter((row) => row.numPoints >= band.from && row.numPoints < band.to),
        ),
      ),
      ...RANGE_BANDS.flatMap((band) =>
        lines(
          [name, band.name],
          of.filter((row) => row.range >= band.from && row.range < band.to),
        ),
      ),
    ];
  });
  const empty = TITLES.map(() => '-');
  const human = line([
    ...['Waymo vehicles', 'all', 'people, labelled twice'],
    ...empty
      .with(1, HUMAN.iou.toFixed(3))
      .with(2, HUMAN.bev.toFixed(3))
      .with(4, percent(HUMAN.at70))
      .with(5, percent(HUMAN.at80)),
  ]);
  const published = PUBLISHED.map(({ name, data, at70 }) =>
    line([data, 'all', `${name} (published)`, ...empty.with(4, percent(at70))]),
  );
  return table(['set', 'part', 'who', ...TITLES], 3, [...body, human, ...published]);
}

const otherClasses = table(
  ['set', 'class, hint', 'who', ...TITLES],
  3,
  all.flatMap(({ name, rows }) =>
    GROUPS.filter((group) => group !== 'car').flatMap((group) =>
      MAIN_HINTS.flatMap((hint) =>
        lines(
          [name, `${group}, ${hint}`],
          rows.filter((row) => row.group === group && row.hint === hint),
        ),
      ),
    ),
  ),
);

const BUNCHES = [
  ['cars', ['car']],
  ['vans, trucks, buses', ['van', 'truck']],
  ['people, cyclists', ['pedestrian', 'cyclist']],
] as const;
const hints = table(
  ['set', 'what', 'hint', ...TITLES],
  3,
  all.flatMap(({ name, rows }) =>
    BUNCHES.flatMap(([bunch, groups]) =>
      HINT_KINDS.flatMap((hint) => {
        const of = rows.filter(
          (row) =>
            row.predictor === 'network' &&
            row.hint === hint &&
            (groups as readonly string[]).includes(row.group),
        );
        return of.length === 0 ? [] : [line([name, bunch, hint, ...figures(summarise(of))])];
      }),
    ),
  ),
);

const errors = table(
  [
    'set',
    'what',
    'hint',
    '3D IoU',
    ...ORACLE_NAMES.map((name) => `true ${name}`),
    'other object',
    'length bias (m)',
    'floor bias (m)',
    'top bias (m)',
  ],
  3,
  all.flatMap(({ name, rows }) =>
    BUNCHES.flatMap(([bunch, groups]) =>
      MAIN_HINTS.flatMap((hint) => {
        const of = rows.filter(
          (row) =>
            row.predictor === 'network' &&
            row.hint === hint &&
            (groups as readonly string[]).includes(row.group),
        );
        if (of.length === 0) return [];
        const s = summarise(of);
        const signed = (value: number | null | undefined) =>
          value == null ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
        return [
          line([
            ...[name, bunch, hint, s.iou.value.toFixed(3)],
            ...ORACLE_NAMES.map((part) => fixed(s.oracles?.[part], 3)),
            s.other === null ? '-' : percent(s.other),
            ...[signed(s.sizeBias?.[0]), signed(s.bottomBias), signed(s.topBias)],
          ]),
        ];
      }),
    ),
  ),
);

const { name, version, networks } = readDescription(SHIPPED_MODEL);
const text = [
  `Weights: ${name} ${version}, \`propose.onnx\` ${networks.propose.sha256.slice(0, 12)}, \`refine.onnx\` ${networks.refine.sha256.slice(0, 12)}.`,
  `## Cars, one click\n\n${carTable('click')}`,
  `## Cars, one loosely drawn box\n\n${carTable('box')}`,
  `## Other classes\n\n${otherClasses}`,
  `## Kinds of hints\n\nThe network alone. \`clicks\`: one more on the object, one beside it if anything stands there; \`+class\`, \`+size\`: the true one told; \`click-sensor\`: the scanner's place unknown.\n\n${hints}`,
  `## Where the error is\n\nThe network's mean 3D IoU, and what it would be with one part of each answer put right: floor and top; the place of front and rear; of the two sides; the yaw.\n\n${errors}`,
].join('\n\n');
const docs = new URL('../../docs/accuracy.md', import.meta.url);
writeFileSync(docs, writeBetween(readFileSync(docs, 'utf8'), 'tables', text));
