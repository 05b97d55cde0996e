/**
 * What it costs not to know where the scanner stood, and how much of that an estimate from the points wins
 * back: mean 3D IoU and the share of at least 0.7 of cars from a click, with the place told, estimated
 * (unknown where the estimate is not sure) and unknown.
 *
 *   npx tsx bench/accuracy/scanner-places.ts FOLDER... [--every 1] [--model-folder DIR]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { atOnce } from '../../cache/foundation/index.ts';
import type { Box, Vec3 } from '../../inference/boxes/index.ts';
import { readFramePoints, readLabelledFrames } from '../../inference/frames/index.ts';
import { loadNetwork, SHIPPED_MODEL } from '../../inference/network/index.ts';
import { estimateScanner, LEAST_CONFIDENCE, type ScannerEstimate } from '../../inference/scanner/index.ts';
import { labelledClicks, machineLine, meanIou } from '../kit/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '1' },
    'model-folder': { type: 'string', default: SHIPPED_MODEL },
  },
});
const every = Number(values.every);
/** The coarse nodes of an octree hold one point for each cell of about this side, metres. */
const CELL_M = 0.6;
const network = await loadNetwork({ modelFolder: values['model-folder'], threads: 1 });

console.log(machineLine());
console.log(
  '| set | frames | sure | off by, m (median, most) | CPU ms | cars | told | estimated | unknown |\n' +
    '| --- | ---: | ---: | --- | ---: | ---: | --- | --- | --- |',
);
for (const folder of positionals) {
  const frames = (await readLabelledFrames(folder)).filter((_, k) => k % every === 0);
  const estimates = new Map<string, ScannerEstimate | null>();
  const errors: number[] = [];
  let cpuMs = 0;
  for (const frame of frames) {
    const positions = coarsePositions(await readFramePoints(frame));
    const before = process.cpuUsage();
    const estimate = atOnce(estimateScanner(positions, positions.length / 3));
    const { user, system } = process.cpuUsage(before);
    cpuMs += (user + system) / 1000;
    const isSure = estimate !== null && estimate.confidence >= LEAST_CONFIDENCE;
    estimates.set(frame.id, isSure ? estimate : null);
    const [x, y] = frame.sensor ?? [0, 0];
    if (isSure) errors.push(Math.hypot(estimate.place[0] - x, estimate.place[1] - y));
  }
  errors.sort((a, b) => a - b);
  const clicks = await labelledClicks(folder, {
    group: 'car',
    hint: 'click',
    seeds: 1,
    minPoints: 20,
    every,
  });
  const boxes: Record<'told' | 'estimated' | 'unknown', [Box, Box][]> = {
    told: [],
    estimated: [],
    unknown: [],
  };
  for (const { frame, request, truth } of clicks) {
    const place = estimates.get(frame)?.place;
    const { origin } = request.crop;
    const ask = async (sensor: Vec3 | null) => (await network.fit({ ...request, sensor })).box;
    const unknown = await ask(null);
    const estimated =
      place === undefined
        ? unknown
        : await ask([place[0] - origin[0], place[1] - origin[1], place[2] - origin[2]]);
    boxes.told.push([await ask(request.sensor), truth]);
    boxes.estimated.push([estimated, truth]);
    boxes.unknown.push([unknown, truth]);
  }
  const off =
    errors.length === 0 ? '' : `${errors[errors.length >> 1]!.toFixed(1)}, ${errors.at(-1)!.toFixed(1)}`;
  const columns = [
    path.basename(folder),
    frames.length,
    errors.length,
    off,
    (cpuMs / frames.length).toFixed(0),
    clicks.length,
  ];
  console.log(
    `| ${columns.join(' | ')} | ${(['told', 'estimated', 'unknown'] as const).map((how) => cell(boxes[how])).join(' | ')} |`,
  );
}

function cell(boxes: readonly (readonly [Box, Box])[]): string {
  const { mean, at70 } = meanIou(boxes);
  return `${mean.toFixed(3)} / ${(100 * at70).toFixed(1)} %`;
}

/** x, y, z of one point for each cell, of x, y, z, intensity. */
function coarsePositions(points: Float32Array): Float32Array {
  const taken = new Set<string>();
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    const cell = [x, y, z].map((value) => Math.floor(value / CELL_M)).join();
    if (taken.has(cell)) continue;
    taken.add(cell);
    kept.push(x, y, z);
  }
  return Float32Array.from(kept);
}
