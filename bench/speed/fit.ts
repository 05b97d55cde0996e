/**
 * What one answer of the network costs: ground, sampling and all passes, without HTTP and tiles, by kind of
 * question and by threads inside a run. Times are of the processor (all threads of this process together) and
 * of the wall; on a busy machine the first is the one to read.
 *
 *   npx tsx bench/speed/fit.ts [--rounds 10] [--model-folder FOLDER]...
 *
 * With several folders they are asked in turn, in one run.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseServeConfig } from '../../app/config/index.ts';
import { silentLog } from '../../app/observability/index.ts';
import { DEMO_CLOUDS, openServices } from '../../app/services/index.ts';
import { type Box, iou3d } from '../../inference/boxes/index.ts';
import type { FitRequest, Hint } from '../../inference/fit/index.ts';
import type { NetworkFit } from '../../inference/network/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'model-folder': { type: 'string', multiple: true, default: [SHIPPED_MODEL] },
  },
});

interface DemoTruth {
  readonly frames: readonly {
    readonly id: string;
    readonly objects: readonly (Box & { readonly class: string; readonly numPoints: number })[];
  }[];
}
const truth = JSON.parse(readFileSync(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as DemoTruth;

/** A car of the demo and what is around it, in its own coordinates. */
interface HintPlace {
  readonly car: Box;
  readonly crop: FitRequest['crop'];
  readonly sensor: FitRequest['sensor'];
}

async function places(
  most: number,
  wanted: (object: { readonly class: string; readonly numPoints: number }) => boolean,
): Promise<HintPlace[]> {
  const { reader, close } = await openServices(parseServeConfig({}), silentLog);
  const found: HintPlace[] = [];
  try {
    for (const { id, objects } of truth.frames)
      for (const car of objects.filter(wanted).slice(0, most)) {
        const region = { type: 'sphere', center: car.center, radius: 15 } as const;
        const view = await reader.read(id, [region]);
        const [x, y, z] = car.center;
        found.push({
          car: { ...car, center: [0, 0, 0] },
          crop: { origin: car.center, ...view.crop(region, car.center) },
          sensor: [-x, -y, -z],
        });
      }
  } finally {
    await close();
  }
  return found;
}

/** A point of the car, the first that is well over its floor. */
function pointOf({ car, crop }: HintPlace): [number, number, number] {
  const [l, w, h] = car.size;
  const [c, s] = [Math.cos(car.yaw), Math.sin(car.yaw)];
  for (let i = 0; i < crop.count; i++) {
    const [x, y, z] = [crop.positions[3 * i]!, crop.positions[3 * i + 1]!, crop.positions[3 * i + 2]!];
    const [u, v] = [x * c + y * s, y * c - x * s];
    if (Math.abs(u) < l / 2 && Math.abs(v) < w / 2 && Math.abs(z) < h / 4) return [x, y, z];
  }
  return [0, 0, 0];
}

type Ask = (place: HintPlace) => { readonly hint: Hint; readonly alternatives?: number };
const KINDS: Readonly<Record<string, Ask>> = {
  click: (place) => ({ hint: { type: 'click', position: pointOf(place), also: [] } }),
  box: ({ car }) => ({ hint: { type: 'box', box: car } }),
  sphere: ({ car }) => ({ hint: { type: 'sphere', center: car.center, radius: 2.5 } }),
  lasso: (place) => ({ hint: { type: 'lasso', click: pointOf(place), outline: place.car } }),
  'click, 3 runners-up': (place) => ({
    hint: { type: 'click', position: pointOf(place), also: [] },
    alternatives: 3,
  }),
};

const all = await places(3, (o) => o.class === 'car' && o.numPoints >= 50);
const faint = await places(20, (o) => o.numPoints >= 5 && o.numPoints < 100);
interface Setting {
  readonly name: string;
  readonly network: NetworkFit;
}
const settings: Setting[] = [];
for (const modelFolder of values['model-folder'])
  for (const threads of [1, 2])
    settings.push({
      name: `${path.basename(modelFolder)}, ${threads} thread${threads > 1 ? 's' : ''}`,
      network: await loadNetwork({ modelFolder, threads }),
    });

const toRequest = (place: HintPlace, ask: Ask): FitRequest => ({
  crop: place.crop,
  class: null,
  size: null,
  sensor: place.sensor,
  others: [],
  ...ask(place),
});
/** Things with few points, of any class, where the answer is so doubtful that other starts were tried. */
const doubtful: HintPlace[] = [];
for (const place of faint) {
  const { score } = await settings[0]!.network.fit(toRequest(place, KINDS.click!));
  if (score < 0.65) doubtful.push(place);
}
const questions: [string, Ask, HintPlace][] = [
  ...all.flatMap((place) =>
    Object.entries(KINDS).map(([kind, ask]): [string, Ask, HintPlace] => [kind, ask, place]),
  ),
  ...doubtful.map((place): [string, Ask, HintPlace] => ['click, doubtful', KINDS.click!, place]),
];

const rows = new Map<string, { cpu: number[]; wall: number[]; iou: number[] }>();
for (let round = 0; round < Number(values.rounds); round++)
  for (const [kind, ask, place] of questions)
    for (const { name, network } of round % 2 === 0 ? settings : settings.toReversed()) {
      const request = toRequest(place, ask);
      const cpu = process.cpuUsage();
      const start = performance.now();
      const answer = await network.fit(request);
      const { user, system } = process.cpuUsage(cpu);
      const key = `${kind} | ${name}`;
      const row = rows.get(key) ?? { cpu: [], wall: [], iou: [] };
      rows.set(key, row);
      row.cpu.push((user + system) / 1000);
      row.wall.push(performance.now() - start);
      row.iou.push(iou3d(answer.box, place.car));
    }

console.log(machineLine());
const counts = all.map(({ crop }) => crop.count);
console.log(
  `${all.length} cars x ${values.rounds} rounds; ${medianOf(counts)} points in the crop at the median (${Math.min(...counts)} to ${Math.max(...counts)}); ${doubtful.length} doubtful things\n`,
);
console.log(
  '| question | weights, threads | processor ms, median | 95th of 100 | wall ms | 3D IoU |\n| --- | --- | ---: | ---: | ---: | ---: |',
);
for (const [key, { cpu, wall, iou }] of rows) {
  const mean = iou.reduce((a, b) => a + b, 0) / iou.length;
  console.log(
    `| ${key} | ${medianOf(cpu).toFixed(1)} | ${quantile(cpu, 0.95).toFixed(1)} | ${medianOf(wall).toFixed(1)} | ${mean.toFixed(3)} |`,
  );
}
