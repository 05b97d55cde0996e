/**
 * Two and four real instances behind the shipped nginx.conf and haproxy.cfg, with a real S3 server and a CDN.
 *
 *   npm run bench -- machines [--short] [--only costs|hits|events] [--frames FOLDER] [--pause SECONDS]
 *                           [--write]
 *
 * Annotators walk through frames of their own (open arrivals): with and without affinity, nodes from the
 * storage, from peers and through the CDN. Then instances are killed, added and restarted under load. All of
 * it shares one machine, so that more instances give no more clicks a second: processor time a click, hits
 * and failures are what counts. FOLDER holds labelled frames; the demo is taken where there is none. SECONDS
 * lie between two clicks of an annotator, on average: more of them where the machine has other things to do.
 * `--write` puts the tables into docs/fleet.md; without it they go to standard output. Ends with 1 if a
 * request failed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgramForTests } from '../../app/package/build/index.ts';
import { findComponent } from '../../cache/testing/index.ts';
import { machineLine, writeBetween } from '../kit/index.ts';
import { benchFrames } from '../speed/designs/index.ts';
import { simulatedHits } from './fleet-model.ts';
import {
  BALANCERS,
  type BalancerName,
  costsMarkdown,
  EVENTS,
  type EventResult,
  eventsMarkdown,
  Fleet,
  type HitsCase,
  type HitsRow,
  hitsMarkdown,
  MachinesRuns,
  type MachinesWalk,
  measureCosts,
  measureEvent,
  measureHits,
  type NodesFrom,
  startFleetStorage,
  warmFleet,
} from './instances/index.ts';

const PROJECT = path.join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    frames: { type: 'string', default: path.join(PROJECT, '../shared/real/pandaset-002') },
    only: { type: 'string' },
    pause: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const pauseSeconds = Number(values.pause ?? (values.short ? 0.5 : 0.8));
const walk: MachinesWalk = values.short
  ? { annotators: 6, frames: 3, clicksPerFrame: 5, pauseSeconds, warmClicks: 20 }
  : { annotators: 12, frames: 5, clicksPerFrame: 5, pauseSeconds, warmClicks: 60 };
const costsWalk: MachinesWalk = {
  ...{ annotators: values.short ? 2 : 6, frames: 10, clicksPerFrame: 1, pauseSeconds: 0.1 },
  warmClicks: walk.warmClicks,
};
const settleSeconds = values.short ? 0.5 : 1;

await buildProgramForTests();
/** With the load before anything is measured. */
const machine = machineLine();
const started = performance.now();
const frames = await benchFrames(values.frames);
const storage = await startFleetStorage(frames.root);
const runs = new MachinesRuns(storage, frames);
const hits: HitsRow[] = [];
const events: EventResult[] = [];
const parts = new Map<string, string>();
try {
  if (isWanted('costs')) {
    const costs = await onFleet(1, 'storage', (fleet) => measureCosts(fleet, storage, runs, costsWalk), true);
    parts.set('costs', costsMarkdown(head(costsWalk), costs));
  }
  if (isWanted('hits')) {
    await onFleet(1, 'storage', (fleet) => measureAll(fleet, 'storage', ['nginx'], [true]));
    for (const instances of [2, 4])
      await onFleet(instances, 'storage', (fleet) => measureAll(fleet, 'storage', BALANCERS, [true, false]));
    for (const nodesFrom of ['peers', 'CDN'] as const)
      for (const instances of values.short ? [4] : [2, 4])
        await onFleet(instances, nodesFrom, (fleet) =>
          measureAll(fleet, nodesFrom, ['nginx'], [true, false]),
        );
    parts.set('machines', hitsMarkdown(head(walk), hits));
  }
  if (isWanted('events')) {
    for (const instances of [2, 4]) await onFleet(instances, 'storage', changeAll);
    parts.set('events', eventsMarkdown(head(walk), events));
  }
} finally {
  await storage.stop();
  frames.remove();
}
const docs = path.join(PROJECT, 'docs/fleet.md');
for (const [name, markdown] of parts)
  if (values.write) writeFileSync(docs, writeBetween(readFileSync(docs, 'utf8'), name, markdown));
  else process.stdout.write(`${markdown}\n\n`);
if ([...hits, ...events].some(({ failed }) => failed > 0)) process.exitCode = 1;

function isWanted(part: 'costs' | 'hits' | 'events'): boolean {
  return values.only === undefined || values.only === part;
}

async function onFleet<T>(
  instances: number,
  nodesFrom: NodesFrom,
  measure: (fleet: Fleet) => Promise<T>,
  hasDisk = false,
): Promise<T> {
  const fleet = await Fleet.start({ storage, instances, nodesFrom, hasDisk });
  try {
    return await measure(fleet);
  } finally {
    await fleet.stop();
  }
}

async function measureAll(
  fleet: Fleet,
  nodesFrom: NodesFrom,
  balancers: readonly BalancerName[],
  affinities: readonly boolean[],
): Promise<void> {
  await warmFleet(fleet, runs, walk);
  for (const balancer of balancers)
    for (const hasAffinity of affinities) {
      const row = await measureHits(fleet, storage, runs, walk, { balancer, hasAffinity, nodesFrom });
      hits.push({ ...row, simulatedFromMemory: simulated(row) });
      say(
        `${row.instances} ${balancer}, affinity ${hasAffinity}, ${nodesFrom}: ${row.cpuMs.toFixed(1)} ms a click`,
      );
    }
}

async function changeAll(fleet: Fleet): Promise<void> {
  await warmFleet(fleet, runs, walk);
  for (const balancer of BALANCERS)
    for (const event of EVENTS) {
      // The short form restarts four instances once.
      if (values.short && fleet.size > 2 && balancer !== 'nginx') continue;
      const row = await measureEvent(fleet, runs, walk, balancer, event, settleSeconds);
      events.push(row);
      say(
        `${row.instances} ${balancer}, ${row.event}: ${row.failed} of ${row.clicks} failed ${JSON.stringify(row.failures)}`,
      );
    }
}

/** The same walk in the simulation. */
function simulated({ instances, hasAffinity }: HitsCase): number {
  return simulatedHits({ ...walk, framesPerSequence: walk.frames, instances, hasAffinity });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function head({ annotators, frames: each, clicksPerFrame, pauseSeconds: every }: MachinesWalk): string[] {
  const seconds = (performance.now() - started) / 1000;
  const first = (command: string, args: readonly string[]) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return `${stdout}${stderr}`.trim().split('\n')[0]!;
  };
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: PROJECT,
    encoding: 'utf8',
  }).trim();
  const nginx = first(findComponent('nginx')!, ['-v']).replace('nginx version: ', '');
  const haproxy = first(findComponent('haproxy')!, ['-v']).replace(/ \d{4}\/.*/, '');
  const versitygw = readFileSync(path.join(PROJECT, '.ci/install-components'), 'utf8').match(
    /versitygw_version=(\S+)/,
  )![1];
  return [
    machine,
    `nearbox ${commit}; ${nginx}; ${haproxy}; versitygw ${versitygw}; ${seconds.toFixed(0)} s`,
    `${frames.source}; ${annotators} annotators with frames of their own, ${each} each, ${clicksPerFrame} clicks on a frame, a click every ${every} s`,
  ];
}
