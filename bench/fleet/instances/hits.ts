/** What clicks cost on running instances: processor time, where tiles were found, reads of the storage. */
import { setTimeout as pause } from 'node:timers/promises';
import { annotators } from '../../speed/designs/index.ts';
import type { BalancerName, Fleet, NodesFrom } from './fleet.ts';
import type { FleetStorage } from './storage.ts';
import { type MachinesRuns, type MachinesWalk, SETTLE_MS } from './walk.ts';

export interface HitsCase {
  readonly instances: number;
  readonly balancer: BalancerName;
  /** Whether requests name their cloud, so that one instance gets all of them. */
  readonly hasAffinity: boolean;
  readonly nodesFrom: NodesFrom;
}

export interface HitsResult extends HitsCase {
  readonly clicks: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Milliseconds a click, of all instances and of the balancer. */
  readonly cpuMs: number;
  readonly balancerCpuMs: number;
  /** Share of the clicks that found all tiles in memory. */
  readonly fromMemory: number;
  readonly storageReadsPerFrame: number;
  readonly storageKiBPerFrame: number;
}

export async function measureHits(
  fleet: Fleet,
  storage: FleetStorage,
  runs: MachinesRuns,
  walk: MachinesWalk,
  { balancer, hasAffinity, nodesFrom }: Omit<HitsCase, 'instances'>,
): Promise<HitsResult> {
  const bytes = () => fleet.metric('nearbox_storage_read_bytes_total');
  const entry = fleet.entry(balancer);
  const [readsBefore, bytesBefore] = [await storage.reads(), await bytes()];
  const [cpuBefore, balancerBefore] = [entry.cpuMs(), fleet.balancerCpuMs(balancer)];
  const found = await annotators(entry, {
    ...runs.next(walk),
    clicksEach: walk.frames * walk.clicksPerFrame,
    isNamed: () => hasAffinity,
  });
  await pause(SETTLE_MS);
  const clicks = found.answers + found.failed;
  const frames = walk.annotators * walk.frames;
  return {
    instances: fleet.size,
    balancer,
    hasAffinity,
    nodesFrom,
    clicks,
    failed: found.failed,
    p50Ms: found.p50Ms,
    p95Ms: found.p95Ms,
    cpuMs: (entry.cpuMs() - cpuBefore) / clicks,
    balancerCpuMs: (fleet.balancerCpuMs(balancer) - balancerBefore) / clicks,
    fromMemory: found.fromMemory,
    storageReadsPerFrame: ((await storage.reads()) - readsBefore) / frames,
    storageKiBPerFrame: ((await bytes()) - bytesBefore) / 1024 / frames,
  };
}
