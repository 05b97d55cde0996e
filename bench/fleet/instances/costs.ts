/** What one click costs one instance: on a frame that is in memory, on disk, and nowhere. */
import { setTimeout as pause } from 'node:timers/promises';
import { annotators } from '../../speed/designs/index.ts';
import type { Fleet } from './fleet.ts';
import type { FleetStorage } from './storage.ts';
import { type MachinesRuns, type MachinesWalk, SETTLE_MS, warmFleet } from './walk.ts';

const WARM_PASSES = 3;

/** What the simulation takes of one instance (`bench/fleet/fleet-model.ts`). */
export interface MeasuredCosts {
  readonly coldCpuMs: number;
  readonly diskCpuMs: number;
  readonly warmCpuMs: number;
  readonly frameRequests: number;
  readonly frameBytes: number;
  readonly decodedPerStored: number;
}

/**
 * One click on each frame: new, again, and again after a restart that has left the disk tier alone. One at a
 * time: clicks that wait for each other reserve memory for their work, and frames would leave memory to make
 * room.
 */
export async function measureCosts(
  fleet: Fleet,
  storage: FleetStorage,
  runs: MachinesRuns,
  walk: MachinesWalk,
): Promise<MeasuredCosts> {
  const entry = fleet.entry('nginx');
  const turns = Array.from({ length: walk.annotators }, () => ({
    ...runs.next({ ...walk, annotators: 1, clicksPerFrame: 1 }),
    clicksEach: walk.frames,
    waitsForAnswers: true,
  }));
  const frames = walk.annotators * walk.frames;
  /** Every frame must be where it is expected. */
  const pass = async (isInMemory: boolean): Promise<number> => {
    const before = entry.cpuMs();
    for (const turn of turns) {
      const { failed, fromMemory } = await annotators(entry, turn);
      if (failed > 0 || fromMemory !== (isInMemory ? 1 : 0))
        throw new Error(`${failed} clicks failed; of the others ${fromMemory} were answered from memory`);
    }
    await pause(SETTLE_MS);
    return (entry.cpuMs() - before) / frames;
  };
  await warmFleet(fleet, runs, walk);
  const tiles = () => fleet.metric('nearbox_cache_bytes', 'tier="tiles"');
  const bytes = () => fleet.metric('nearbox_storage_read_bytes_total');
  const before = { reads: await storage.reads(), bytes: await bytes(), tiles: await tiles() };
  const coldCpuMs = await pass(false);
  const frameBytes = ((await bytes()) - before.bytes) / frames;
  const decodedPerStored = ((await tiles()) - before.tiles) / frames / frameBytes;
  const frameRequests = ((await storage.reads()) - before.reads) / frames;
  let warmCpuMs = 0;
  for (let k = 0; k < WARM_PASSES; k++) warmCpuMs += (await pass(true)) / WARM_PASSES;
  await fleet.stopGently(0);
  await fleet.restart(0);
  await warmFleet(fleet, runs, walk);
  const diskCpuMs = await pass(false);
  return { coldCpuMs, diskCpuMs, warmCpuMs, frameRequests, frameBytes, decodedPerStored };
}
