/**
 * What a label profile is worth: made from one half of a folder's objects, measured on the other half, and
 * the other way round.
 *
 *   npx tsx bench/accuracy/profile-gain.ts FOLDER [--every N]
 *
 * Halves are by object where the folder names objects (all sightings of an object are in one half), else by
 * frame. Prints mean 3D IoU without and with the profile for one click, and the gain with a 95 % interval
 * over distinct objects.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateFolder } from '../../app/evaluation/index.ts';
import { estimate } from '../../inference/evaluation/index.ts';
import {
  DEFAULT_PROFILE_FILE,
  type EvaluationRow,
  type LabelledFrame,
  makeProfile,
  readLabelledFrames,
  readProfile,
} from '../../inference/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('give a folder of labelled frames');
const frames = (await readLabelledFrames(folder)).filter((_, k) => k % Number(values.every) === 0);

/** FNV-1a: the same half in every run. */
function halfOf(text: string): 0 | 1 {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0;
  return ((hash >>> 7) & 1) as 0 | 1;
}

const isIn = (which: 0 | 1, frame: LabelledFrame, { id }: LabelledFrame['objects'][number]) =>
  halfOf(id ?? frame.scene) === which;

/** The folder with the objects of one half alone. */
const only = (which: 0 | 1): LabelledFrame[] =>
  frames.map((frame) => ({
    ...frame,
    objects: frame.objects.filter((object) => isIn(which, frame, object)),
  }));

/**
 * The folder with questions about one half: the others keep their place in the list (hints are drawn by it),
 * but get a class that is not asked about.
 */
const asking = (which: 0 | 1): LabelledFrame[] =>
  frames.map((frame) => ({
    ...frame,
    objects: frame.objects.map((object) =>
      isIn(which, frame, object) ? object : { ...object, class: 'left out' },
    ),
  }));

const GROUPS = ['car', 'van', 'truck', 'pedestrian', 'cyclist'] as const;
const scratch = await mkdtemp(path.join(os.tmpdir(), 'nearbox-profile-gain-'));
const without: EvaluationRow[] = [];
const withProfile: EvaluationRow[] = [];
try {
  const towards = await readProfile(DEFAULT_PROFILE_FILE);
  for (const which of [0, 1] as const) {
    const made = await makeProfile(only(which), { towards });
    await writeFile(path.join(scratch, 'half.json'), JSON.stringify({ ...made, classes: made.classes }));
    console.log(
      `half ${which}: ${Object.entries(made.classes)
        .map(
          ([name, c]) =>
            `${c.objects} ${name}, size ${c.size.join(' ')}, padding ${Object.values(c.padding).join(' ')}`,
        )
        .join('; ')}`,
    );
    const ask = (profile?: { name: string; folder: string }) =>
      evaluateFolder(asking(which === 0 ? 1 : 0), {
        groups: GROUPS,
        hints: ['click'],
        methods: ['model'],
        ...(profile && { profile }),
        signal: new AbortController().signal,
      });
    without.push(...(await ask()));
    withProfile.push(...(await ask({ name: 'half', folder: scratch })));
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

console.log(
  '| class | hints / objects | without | with a profile | gain | >= 0.7 without | with | no edit without | with |',
);
console.log(`| --- |${' ---: |'.repeat(8)}`);
for (const group of GROUPS) {
  const places = without.map((row, k) => ({ row, k })).filter(({ row }) => row.group === group);
  if (places.length === 0) continue;
  const of = (rows: readonly EvaluationRow[]) => places.map(({ k }) => rows[k]!);
  const iou = (row: EvaluationRow) => row.answer?.iou ?? 0;
  const [a, b] = [of(without), of(withProfile)];
  const gains = new Map(a.map((row, k) => [row, iou(b[k]!) - iou(row)]));
  const gain = estimate(a, (row) => gains.get(row)!);
  const share = (rows: readonly EvaluationRow[], test: (row: EvaluationRow) => boolean) =>
    `${((100 * rows.filter(test).length) / rows.length).toFixed(1)} %`;
  const mean = (rows: readonly EvaluationRow[]) => estimate(rows, iou).value.toFixed(3);
  const isUntouched = (row: EvaluationRow) => row.answer !== null && row.answer.faceError <= 0.1;
  console.log(
    `| ${[
      group,
      `${a.length} / ${new Set(a.map(({ object }) => object)).size}`,
      mean(a),
      mean(b),
      `${gain.value >= 0 ? '+' : ''}${gain.value.toFixed(3)} (${gain.interval[0].toFixed(3)}..${gain.interval[1].toFixed(3)})`,
      share(a, (row) => iou(row) >= 0.7),
      share(b, (row) => iou(row) >= 0.7),
      share(a, isUntouched),
      share(b, isUntouched),
    ].join(' | ')} |`,
  );
}
