import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readScalingRule, replayRule } from './autoscaling.ts';
import { type FleetLoad, type InstanceCost, simulatedHits, simulateFleet } from './fleet-model.ts';
import { ASSUMED_PRICES, dollarsPerThousandClicks } from './prices.ts';

const COST: InstanceCost = {
  warmCpuMs: 10,
  diskCpuMs: 15,
  coldCpuMs: 20,
  frameBytes: 2 ** 20,
  frameRequests: 5,
  cores: 2,
  memoryBytes: 512 * 2 ** 20,
  decodedPerStored: 1,
  diskBytes: 8 * 2 ** 30,
};
const LOAD: FleetLoad = {
  annotators: 1_000,
  regions: 1,
  pauseSeconds: 5,
  clicksPerFrame: 10,
  framesPerSequence: 20,
  visitsPerSequence: 1,
  shiftHours: 1,
  utilisation: 0.5,
  hasAffinity: true,
  hasCdn: false,
};

describe('a simulated fleet', () => {
  it('reads every frame once where all of it stays in memory: one click of ten', () => {
    const found = simulateFleet({ ...COST, memoryBytes: 2 ** 40 }, LOAD);
    expect(found.storageReads).toBeCloseTo(0.1, 2);
    expect(found.memoryHits).toBeCloseTo(0.9, 2);
    expect(found.diskHits + found.cdnHits).toBe(0);
    expect(found.cpuMs).toBeCloseTo(0.9 * 10 + 0.1 * 20, 1);
    expect(found.storageRequestsPerSecond).toBeCloseTo(200 * 0.1 * 5, -1);
  });

  it('reads a sequence once for all who work on it', () => {
    const visits = { ...LOAD, visitsPerSequence: 2, shiftHours: 8 };
    const found = simulateFleet({ ...COST, memoryBytes: 2 ** 40 }, visits);
    expect(found.storageReads).toBeCloseTo(0.1 / 2, 2);
  });

  it('has as many instances as the processor time asks for, and at least two in a region', () => {
    // 200 clicks a second of 11 ms, and each instance gives a second of processor time.
    expect(simulateFleet({ ...COST, memoryBytes: 2 ** 40 }, LOAD).instances).toBe(3);
    expect(simulateFleet(COST, { ...LOAD, annotators: 100, regions: 3 }).instances).toBe(6);
  });

  it('reads more without affinity, which a CDN takes from the storage', () => {
    const large = { ...LOAD, annotators: 10_000 };
    const near = simulateFleet(COST, large);
    const anywhere = simulateFleet(COST, { ...large, hasAffinity: false });
    const behindCdn = simulateFleet(COST, { ...large, hasAffinity: false, hasCdn: true });
    expect(anywhere.storageReads).toBeGreaterThan(3 * near.storageReads);
    expect(behindCdn.storageReads).toBeLessThanOrEqual(1.01 * near.storageReads);
    expect(behindCdn.cdnHits).toBeGreaterThan(0.2);
  });

  it('says the same of a sample as of the whole', () => {
    // Slow enough for the smaller fleet to have more than the least number of instances.
    const slow = { ...COST, warmCpuMs: 100, diskCpuMs: 150, coldCpuMs: 200, memoryBytes: 2 ** 28 };
    const whole = simulateFleet(slow, { ...LOAD, annotators: 250 });
    const sampled = simulateFleet(slow, { ...LOAD, annotators: 25_000 });
    expect(whole.memoryHits).toBeGreaterThan(0.5);
    expect(sampled.memoryHits).toBeCloseTo(whole.memoryHits, 2);
    expect(sampled.instances).toBe(Math.ceil((5_000 * sampled.cpuMs) / 1000));
  });
});

describe('a simulated walk', () => {
  const walk = { annotators: 12, framesPerSequence: 5, clicksPerFrame: 5, pauseSeconds: 0.5 };

  it('with affinity, misses the first click on each frame, however many instances there are', () => {
    for (const instances of [1, 2, 4])
      expect(simulatedHits({ ...walk, instances, hasAffinity: true })).toBeCloseTo(4 / 5, 2);
  });

  it.each([2, 4])('without, misses the first on each of %i instances that a frame’s clicks meet', (n) => {
    const met = n * (1 - (1 - 1 / n) ** 5);
    expect(simulatedHits({ ...walk, instances: n, hasAffinity: false })).toBeCloseTo(1 - met / 5, 2);
  });
});

describe('dollarsPerThousandClicks', () => {
  it('adds machines, requests and bytes', () => {
    const fleet = {
      clicksPerSecond: 100,
      instances: 2,
      storageRequestsPerSecond: 1000,
      storageMibPerSecond: 0,
      cdnRequestsPerSecond: 0,
      cdnMibPerSecond: 0,
    };
    const machines = (2 * ASSUMED_PRICES.machineMonth) / (30 * 24 * 3600) / 100;
    const requests = ASSUMED_PRICES.storageRequestsPerThousand / 100;
    expect(dollarsPerThousandClicks(fleet, ASSUMED_PRICES)).toBeCloseTo(1000 * (machines + requests), 9);
  });
});

describe('the shipped rule of fly-autoscaler', () => {
  const rule = readScalingRule(
    readFileSync(new URL('../../app/deploy/fly-autoscaler.yml', import.meta.url), 'utf8'),
  );
  const options = { cpuMsPerClick: 20, coresPerMachine: 2, startSeconds: 10, longestWaitSeconds: 2 };
  const steady = (clicks: number, seconds: number) => new Array<number>(seconds).fill(clicks);

  it('keeps two machines for nothing, and as many as 60 % of the cores need', () => {
    expect(rule.machines(0, 0)).toBe(2);
    expect(rule.machines(12, 0)).toBe(10);
    expect(rule.machines(12, 0.1)).toBe(15);
  });

  it('grows to a load within minutes, refuses none after that, and shrinks again', () => {
    // 500 clicks a second need 10 cores.
    const found = replayRule(rule, { ...options, clicksPerSecond: [...steady(500, 900), ...steady(0, 600)] });
    expect(found.machines[300]).toBeGreaterThanOrEqual(9);
    expect(found.machines.at(-1)).toBe(2);
    const later = replayRule(rule, { ...options, clicksPerSecond: steady(500, 900) }).refused;
    expect(later).toBeGreaterThan(0);
    expect(later).toBeLessThan(0.15);
  });

  it('refuses and delays nothing while the load grows slowly', () => {
    const slow = Array.from({ length: 3600 }, (_, second) => second / 7.2);
    const found = replayRule(rule, { ...options, clicksPerSecond: slow });
    expect([found.refused, found.late]).toEqual([0, 0]);
    expect(found.mostMachines).toBeLessThanOrEqual(10);
  });

  it('is refused if a part is missing or not arithmetic', () => {
    expect(() => readScalingRule('interval: "15s"')).toThrow('no started-machine-count');
    expect(() => readScalingRule('started-machine-count: "process[`exit`]"')).toThrow('not understood');
  });
});
