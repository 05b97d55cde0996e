/**
 * How many corrections a car needs. A simulated annotator clicks, then moves the worst face of the answer (or
 * turns it) to the true place until the 3D IoU is 0.85; once with the network fitting the other faces again
 * after each correction (`keep`), once without.
 *
 *   npx tsx bench/accuracy/corrections.ts FOLDER... [--every 4] [--seeds 1] [--least 0.85]
 *
 * Prints corrections a car at the mean, and the shares of cars that need none and one.
 */
import { parseArgs } from 'node:util';
import { type Box, iou3d, type Vec3, wrapAngle } from '../../inference/boxes/index.ts';
import { type FitRequest, type KeptPart, keepParts } from '../../inference/fit/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { type LabelledClick, labelledClicks } from '../kit/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    least: { type: 'string', default: '0.85' },
  },
});

/** Nobody moves more parts than there are. */
const MOST_CORRECTIONS = 7;
const network = await loadNetwork({ modelFolder: SHIPPED_MODEL, threads: 1 });

/**
 * The true box with the heading that is nearer to the answer's: a box that points backwards overlaps all the
 * same.
 */
function asDrawn(truth: Box, answer: Box): Box {
  const isBackwards = Math.abs(wrapAngle(truth.yaw - answer.yaw)) > Math.PI / 2;
  return isBackwards ? { ...truth, yaw: wrapAngle(truth.yaw + Math.PI) } : truth;
}

/**
 * How far each part of the answer is off, in metres; a turn as far as it moves an end. Along the answer's own
 * axes.
 */
function errors(answer: Box, truth: Box): Record<KeptPart, number> {
  const [c, s] = [Math.cos(answer.yaw), Math.sin(answer.yaw)];
  const [dx, dy] = [truth.center[0] - answer.center[0], truth.center[1] - answer.center[1]];
  const [u, v, w] = [dx * c + dy * s, dy * c - dx * s, truth.center[2] - answer.center[2]];
  const off = (k: 0 | 1 | 2) => (truth.size[k] - answer.size[k]) / 2;
  return {
    front: u + off(0),
    rear: off(0) - u,
    left: v + off(1),
    right: off(1) - v,
    top: w + off(2),
    bottom: off(2) - w,
    yaw: (wrapAngle(truth.yaw - answer.yaw) * Math.max(answer.size[0], answer.size[1])) / 2,
  };
}

/** The box with one part moved to its true place. */
function corrected(box: Box, part: KeptPart, by: Record<KeptPart, number>, truth: Box): Box {
  if (part === 'yaw') return { ...box, yaw: truth.yaw };
  const move = by[part];
  const [c, s] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const outward: Record<Exclude<KeptPart, 'yaw'>, [Vec3, 0 | 1 | 2]> = {
    front: [[c, s, 0], 0],
    rear: [[-c, -s, 0], 0],
    left: [[-s, c, 0], 1],
    right: [[s, -c, 0], 1],
    top: [[0, 0, 1], 2],
    bottom: [[0, 0, -1], 2],
  };
  const [direction, axis] = outward[part];
  const size = box.size.map((side, k) => (k === axis ? Math.max(0.1, side + move) : side));
  const center = box.center.map((value, k) => value + (direction[k]! * move) / 2);
  return { center: center as unknown as Vec3, size: size as unknown as Vec3, yaw: box.yaw };
}

type Refit = (request: FitRequest, box: Box, keep: readonly KeptPart[]) => Promise<Box>;

const WAYS: Readonly<Record<string, Refit>> = {
  without: async (_request, box) => box,
  'with keep': async (request, box, keep) => {
    const answer = await network.fit({ ...request, hint: { type: 'box', box }, keep });
    return keepParts(answer.box, box, keep);
  },
};

async function corrections({ request, truth }: LabelledClick, first: Box, refit: Refit): Promise<number> {
  let box = first;
  const keep: KeptPart[] = [];
  while (keep.length < MOST_CORRECTIONS && iou3d(box, truth) < Number(values.least)) {
    const drawn = asDrawn(truth, box);
    const by = errors(box, drawn);
    const free = (Object.keys(by) as KeptPart[]).filter((part) => !keep.includes(part));
    const worst = free.reduce((a, b) => (Math.abs(by[b]) > Math.abs(by[a]) ? b : a));
    box = corrected(box, worst, by, drawn);
    keep.push(worst);
    if (iou3d(box, truth) < Number(values.least)) box = await refit(request, box, keep);
  }
  return keep.length;
}

console.log(
  `| set | cars | way | corrections a car | none | at most one |\n| --- | ---: | --- | ---: | ---: | ---: |`,
);
for (const folder of positionals) {
  const clicks = await labelledClicks(folder, {
    group: 'car',
    hint: 'click',
    seeds: Number(values.seeds),
    minPoints: 20,
    every: Number(values.every),
  });
  const firsts: Box[] = [];
  for (const { request } of clicks) firsts.push((await network.fit(request)).box);
  for (const [way, refit] of Object.entries(WAYS)) {
    const counts: number[] = [];
    for (const [k, click] of clicks.entries()) counts.push(await corrections(click, firsts[k]!, refit));
    const share = (most: number) =>
      `${((100 * counts.filter((count) => count <= most).length) / counts.length).toFixed(1)} %`;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    console.log(
      `| ${clicks[0]!.set} | ${clicks.length} | ${way} | ${mean.toFixed(3)} | ${share(0)} | ${share(1)} |`,
    );
  }
}
