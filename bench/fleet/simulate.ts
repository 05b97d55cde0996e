/**
 * From 1,000 to 1,000,000 annotators on paper, and the rule of fly-autoscaler over two loads.
 *
 *   npm run bench -- simulate [--cost FILE] [--prices FILE] [--write]
 *
 * FILE is JSON with fields of `InstanceCost` or `Prices` that differ from `MEASURED` here and from the
 * assumed prices. `--write` puts the tables into docs/fleet.md; without it they go to standard output.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { writeBetween } from '../kit/index.ts';
import { type ReplayOptions, readScalingRule, replayRule } from './autoscaling.ts';
import { type FleetLoad, type InstanceCost, simulateFleet } from './fleet-model.ts';
import { ASSUMED_PRICES, dollarsPerThousandClicks, type Prices } from './prices.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** `npm run bench -- machines --only costs`: docs/fleet.md. Cores, memory and disk are assumed. */
const MEASURED: InstanceCost = {
  warmCpuMs: 27.5,
  diskCpuMs: 40.1,
  coldCpuMs: 55.9,
  frameBytes: 0.71 * MIB,
  frameRequests: 3,
  cores: 2,
  memoryBytes: 512 * MIB,
  decodedPerStored: 2.3,
  diskBytes: 20 * GIB,
};

const LOAD: Omit<FleetLoad, 'annotators' | 'regions' | 'hasAffinity' | 'hasCdn'> = {
  pauseSeconds: 5,
  clicksPerFrame: 20,
  framesPerSequence: 50,
  visitsPerSequence: 2,
  shiftHours: 4,
  utilisation: 0.6,
};
const FLEETS = [
  { annotators: 1_000, regions: 1 },
  { annotators: 10_000, regions: 2 },
  { annotators: 100_000, regions: 4 },
  { annotators: 1_000_000, regions: 8 },
] as const;
const KINDS = [
  { hasAffinity: true, hasCdn: true },
  { hasAffinity: true, hasCdn: false },
  { hasAffinity: false, hasCdn: true },
] as const;

const { values } = parseArgs({
  options: {
    cost: { type: 'string' },
    prices: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const given = (file: string | undefined) =>
  file === undefined ? {} : JSON.parse(readFileSync(file, 'utf8'));
const cost: InstanceCost = { ...MEASURED, ...(given(values.cost) as Partial<InstanceCost>) };
const prices: Prices = { ...ASSUMED_PRICES, ...(given(values.prices) as Partial<Prices>) };
const fleet = fleetTable();
const scaling = scalingTable();
if (values.write) {
  const docs = new URL('../../docs/fleet.md', import.meta.url);
  const text = writeBetween(readFileSync(docs, 'utf8'), 'fleet', fleet);
  writeFileSync(docs, writeBetween(text, 'scaling', scaling));
} else process.stdout.write(`${fleet}\n\n${scaling}\n`);

function fleetTable(): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const head = [
    ...['annotators', 'regions', 'affinity', 'CDN', 'clicks a second', 'instances', 'CPU ms a click'],
    ...['from memory', 'from disk', 'from the CDN', 'from the storage', 'storage requests a second'],
    ...[
      'storage MiB a second',
      'CDN requests a second',
      'dollars for 1,000 clicks',
      'cold after a deploy, s',
    ],
  ];
  const rows = FLEETS.flatMap((size) =>
    KINDS.map((kind) => {
      const found = simulateFleet(cost, { ...LOAD, ...size, ...kind });
      return [
        size.annotators.toLocaleString('en'),
        size.regions,
        kind.hasAffinity ? 'yes' : 'no',
        kind.hasCdn ? 'yes' : 'no',
        found.clicksPerSecond.toLocaleString('en'),
        found.instances.toLocaleString('en'),
        found.cpuMs.toFixed(1),
        percent(found.memoryHits),
        percent(found.diskHits),
        percent(found.cdnHits),
        percent(found.storageReads),
        found.storageRequestsPerSecond.toFixed(0),
        found.storageMibPerSecond.toFixed(1),
        found.cdnRequestsPerSecond.toFixed(0),
        dollarsPerThousandClicks(found, prices).toFixed(3),
        found.coldSeconds,
      ].join(' | ');
    }),
  );
  return [
    `| ${head.join(' | ')} |`,
    `| ${head.map((name) => (name === 'affinity' || name === 'CDN' ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function scalingTable(): string {
  const rule = readScalingRule(
    readFileSync(new URL('../../app/deploy/fly-autoscaler.yml', import.meta.url), 'utf8'),
  );
  const base = {
    coresPerMachine: cost.cores,
    startSeconds: 10,
    longestWaitSeconds: 2,
    cpuMsPerClick: cost.warmCpuMs,
  };
  const loads: readonly (readonly [name: string, clicksPerSecond: number[]])[] = [
    ['a working day of 2,000 annotators', workingDay(2_000)],
    ['300 annotators within 5 s, from nothing', massStart(300, 1_200)],
    ['2,000 annotators within 5 minutes', massStart(2_000, 3_600, 300)],
  ];
  const rows = loads.map(([name, clicksPerSecond]) => {
    const options: ReplayOptions = { ...base, clicksPerSecond };
    const found = replayRule(rule, options);
    const needed = clicksPerSecond.reduce((sum, clicks) => sum + (clicks * base.cpuMsPerClick) / 1000, 0);
    return [
      name,
      found.mostMachines,
      `${(100 * found.refused).toFixed(2)} %`,
      `${(100 * found.late).toFixed(2)} %`,
      (found.machineSeconds / 3600).toFixed(1),
      `${((100 * needed) / (found.machineSeconds * cost.cores)).toFixed(0)} %`,
    ].join(' | ');
  });
  return [
    '| load | most machines | refused | late by more than 0.3 s | machine hours | of their cores in use |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

/** Clicks in each second: people come within half an hour, pause at noon, leave in the afternoon. */
function workingDay(annotators: number): number[] {
  const random = mulberry32(3);
  const hour = 3600;
  return Array.from({ length: 10 * hour }, (_, second) => {
    const at = second / hour;
    const coming = Math.min(1, Math.max(0, (at - 0.5) / 0.5));
    const noon = at > 4 && at < 4.75 ? 0.3 : 1;
    const leaving = Math.min(1, Math.max(0, (9.5 - at) / 1.5));
    const mean = (annotators / LOAD.pauseSeconds) * coming * noon * leaving;
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * (random() + random() + random() - 1.5) * 2));
  });
}

/**
 * The arrivals of the load test: everybody starts within `withinSeconds`, then pauses of 0.6 to 1.4 times the
 * mean.
 */
function massStart(annotators: number, seconds: number, withinSeconds = 5): number[] {
  const random = mulberry32(4);
  const clicks = new Array<number>(seconds).fill(0);
  for (let who = 0; who < annotators; who++)
    for (let at = withinSeconds * random(); at < seconds; at += LOAD.pauseSeconds * (0.6 + 0.8 * random()))
      clicks[Math.floor(at)]! += 1;
  return clicks;
}
