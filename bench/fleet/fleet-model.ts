/**
 * A fleet of instances on paper: from what one instance was measured to need, to a million annotators. A
 * sample of the annotators clicks through its frames; the caches together are as much smaller as the sample
 * is (Waldspurger and others, "Efficient MRC Construction with SHARDS", 2015), so that their hit ratio is
 * that of the whole.
 */
import { mulberry32 } from '../../cache/foundation/index.ts';
import { Lru } from '../caching/policies/index.ts';

/** What one instance was measured to need; `docs/fleet.md` says where each figure comes from. */
export interface InstanceCost {
  /** Processor time of a click whose frame is in memory, on disk, and nowhere; milliseconds. */
  readonly warmCpuMs: number;
  readonly diskCpuMs: number;
  readonly coldCpuMs: number;
  /** Stored bytes of a frame, all of which are read sooner or later, and in how many requests. */
  readonly frameBytes: number;
  readonly frameRequests: number;
  readonly cores: number;
  /** For stored and decoded tiles together; a frame in memory takes both. */
  readonly memoryBytes: number;
  readonly decodedPerStored: number;
  readonly diskBytes: number;
}

export interface FleetLoad {
  readonly annotators: number;
  readonly regions: number;
  readonly pauseSeconds: number;
  readonly clicksPerFrame: number;
  readonly framesPerSequence: number;
  /** How often a sequence is worked on again, by a reviewer or a second annotator, within a shift. */
  readonly visitsPerSequence: number;
  readonly shiftHours: number;
  /** Share of the cores that is to be in use at the peak. */
  readonly utilisation: number;
  readonly hasAffinity: boolean;
  readonly hasCdn: boolean;
}

export interface FleetResult {
  readonly clicksPerSecond: number;
  /** In all regions, at least two in each. */
  readonly instances: number;
  /** Shares of clicks. */
  readonly memoryHits: number;
  readonly diskHits: number;
  readonly cdnHits: number;
  readonly storageReads: number;
  readonly cpuMs: number;
  readonly storageRequestsPerSecond: number;
  readonly storageMibPerSecond: number;
  readonly cdnRequestsPerSecond: number;
  readonly cdnMibPerSecond: number;
  /**
   * For how long more than a tenth more clicks than usual miss memory after all instances were replaced,
   * seconds.
   */
  readonly coldSeconds: number;
}

/** Annotators that are simulated; 200,000 clicks an hour settle a share to a tenth of a percent. */
const SAMPLE = 250;
/** Windows in which cold starts are told apart, seconds. */
const WINDOW_SECONDS = 10;
const MIB = 2 ** 20;
const LEAST_INSTANCES = 2;

/**
 * Runs twice: how many instances there are depends on the processor time of a click, and that on the hits.
 */
export function simulateFleet(cost: InstanceCost, load: FleetLoad, seed = 1): FleetResult {
  const clicksPerSecond = load.annotators / load.pauseSeconds;
  const instancesFor = (cpuMs: number) => {
    const each = (1000 * cost.cores * load.utilisation) / cpuMs;
    return load.regions * Math.max(LEAST_INSTANCES, Math.ceil(clicksPerSecond / load.regions / each));
  };
  let instances = instancesFor(cost.warmCpuMs);
  let shares = sample(cost, load, instances, seed);
  instances = instancesFor(shares.cpuMs);
  shares = sample(cost, load, instances, seed);
  const fromBehind = clicksPerSecond * (shares.cdnHits + shares.storageReads);
  const fromStorage = clicksPerSecond * shares.storageReads;
  const requests = (rate: number) => rate * cost.frameRequests;
  const mib = (rate: number) => (rate * cost.frameBytes) / MIB;
  return {
    ...shares,
    clicksPerSecond,
    instances,
    storageRequestsPerSecond: requests(fromStorage),
    storageMibPerSecond: mib(fromStorage),
    cdnRequestsPerSecond: load.hasCdn ? requests(fromBehind) : 0,
    cdnMibPerSecond: load.hasCdn ? mib(fromBehind) : 0,
  };
}

/**
 * A walk as `bench/fleet/machines.ts` measures it: few annotators, a given number of instances, memory for
 * all.
 */
interface SimulatedWalk {
  readonly annotators: number;
  readonly framesPerSequence: number;
  readonly clicksPerFrame: number;
  readonly pauseSeconds: number;
  readonly instances: number;
  readonly hasAffinity: boolean;
}

const WALK_TICKS = 4_000;

/** Share of the clicks whose frame is in memory, to be held against what was measured. */
export function simulatedHits({ instances, ...walk }: SimulatedWalk): number {
  const boundless = Number.MAX_SAFE_INTEGER;
  const cost: InstanceCost = {
    ...{ warmCpuMs: 0, diskCpuMs: 0, coldCpuMs: 0, frameBytes: 1, frameRequests: 1, cores: 1 },
    ...{ memoryBytes: boundless, decodedPerStored: 1, diskBytes: boundless },
  };
  const shiftHours = (WALK_TICKS * walk.pauseSeconds) / 3600;
  const load: FleetLoad = {
    ...walk,
    ...{ regions: 1, visitsPerSequence: 1, shiftHours, utilisation: 1, hasCdn: false },
  };
  return sample(cost, load, instances, 1).memoryHits;
}

type Shares = Pick<
  FleetResult,
  'memoryHits' | 'diskHits' | 'cdnHits' | 'storageReads' | 'cpuMs' | 'coldSeconds'
>;

/** The first half of the shift fills the caches; the second half counts. */
function sample(cost: InstanceCost, load: FleetLoad, instances: number, seed: number): Shares {
  const random = mulberry32(seed);
  const perRegion = instances / load.regions;
  const annotators = Math.min(SAMPLE, Math.ceil(load.annotators / load.regions));
  const scale = annotators / (load.annotators / load.regions);
  // With affinity every instance has annotators of its own: the sample has its share of the instances, as
  // large as they are. Without it a click goes to any of them, so that there are as many as there are, each
  // smaller by the sample.
  const caches = Math.max(
    1,
    Math.min(annotators, Math.round(load.hasAffinity ? perRegion * scale : perRegion)),
  );
  const cacheScale = (scale * perRegion) / caches;
  const inMemory = cost.frameBytes * (1 + cost.decodedPerStored);
  const emptyCaches = (bytes: number) => Array.from({ length: caches }, () => new Lru(bytes * cacheScale));
  let memory = emptyCaches(cost.memoryBytes);
  const disk = emptyCaches(cost.diskBytes);
  const seenByCdn = new Set<string>();
  const ticks = Math.round((3600 * load.shiftHours) / load.pauseSeconds);
  const ticksPerWindow = Math.max(1, Math.round(WINDOW_SECONDS / load.pauseSeconds));
  const begun = Array.from({ length: annotators }, (_, who) => ({
    sequence: who,
    isReview: false,
    click: Math.floor(random() * 40),
  }));
  let sequences = annotators;
  /** Sequences that were worked on once, as often as they are to be worked on again. */
  const toReview: number[] = [];
  const counts = { memory: 0, disk: 0, cdn: 0, storage: 0 };
  const misses: number[] = [];

  const tick = (k: number, isCounted: boolean) => {
    const window = Math.floor(k / ticksPerWindow);
    for (const annotator of begun) {
      const frame = Math.floor(annotator.click / load.clicksPerFrame);
      if (frame >= load.framesPerSequence) {
        if (!annotator.isReview)
          for (let visit = 1; visit < load.visitsPerSequence; visit++) toReview.push(annotator.sequence);
        Object.assign(annotator, nextTask());
      }
      const at = Math.floor(annotator.click / load.clicksPerFrame);
      annotator.click += 1;
      const cloud = `${annotator.sequence}/${at}`;
      const cache = load.hasAffinity ? hash(annotator.sequence, at) % caches : Math.floor(random() * caches);
      const found = read(cloud, cache);
      if (found !== 'memory') misses[window] = (misses[window] ?? 0) + 1;
      if (isCounted) counts[found] += 1;
    }
  };
  const nextTask = () => {
    // Reviews come some time after the first visit, the oldest first.
    const due = toReview.length > annotators / 2 ? toReview.shift() : undefined;
    return { sequence: due ?? sequences++, isReview: due !== undefined, click: 0 };
  };
  const read = (cloud: string, cache: number): keyof typeof counts => {
    if (memory[cache]!.request(cloud, inMemory)) return 'memory';
    if (disk[cache]!.request(cloud, cost.frameBytes)) return 'disk';
    if (load.hasCdn && seenByCdn.has(cloud)) return 'cdn';
    seenByCdn.add(cloud);
    return 'storage';
  };

  const half = Math.floor(ticks / 2);
  for (let k = 0; k < ticks; k++) tick(k, k >= half);
  // A deploy: memory is gone, volumes stay.
  const usual = mean(misses.slice(Math.floor(half / ticksPerWindow)));
  memory = emptyCaches(cost.memoryBytes);
  misses.length = 0;
  const watched = ticksPerWindow * 60;
  for (let k = 0; k < watched; k++) tick(k, false);
  const most = usual + 0.1 * annotators * ticksPerWindow;
  const coldWindows =
    Array.from({ length: 60 }, (_, w) => misses[w] ?? 0).findLastIndex((count) => count > most) + 1;

  const clicks = counts.memory + counts.disk + counts.cdn + counts.storage;
  const cpu =
    counts.memory * cost.warmCpuMs +
    counts.disk * cost.diskCpuMs +
    (counts.cdn + counts.storage) * cost.coldCpuMs;
  return {
    memoryHits: counts.memory / clicks,
    diskHits: counts.disk / clicks,
    cdnHits: counts.cdn / clicks,
    storageReads: counts.storage / clicks,
    cpuMs: cpu / clicks,
    coldSeconds: coldWindows * ticksPerWindow * load.pauseSeconds,
  };
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value ?? 0;
  return sum / Math.max(1, values.length);
}

/** Spreads the clouds over the instances, as rendezvous hashing does. */
function hash(sequence: number, frame: number): number {
  return (Math.imul(sequence + 1, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b)) >>> 0;
}
