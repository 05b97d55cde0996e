import { describe, expect, it } from 'vitest';
import type { WorkerPoolStats } from '../../octree/index.ts';
import { Admission } from './admission.ts';

const idle: WorkerPoolStats = {
  workers: 2,
  ready: 2,
  queued: 0,
  running: 0,
  maxQueue: 256,
  finished: 100,
  deaths: 0,
  serviceMs: 100,
  predictedWaitMs: 0,
};
const inMs = (ms: number) => performance.now() + ms;
const overloaded = (retryAfterSeconds: number) =>
  expect.objectContaining({ code: 'overloaded', retryAfterSeconds });

describe('admission', () => {
  it('lets in what the queue leaves time for, and refuses the rest with the time until it is empty', () => {
    const admission = new Admission(() => ({ ...idle, running: 2, queued: 98, predictedWaitMs: 5_000 }));
    admission.require(inMs(10_000));
    admission.require(Number.POSITIVE_INFINITY);
    expect(() => admission.require(inMs(5_100))).toThrow(overloaded(5));
    expect(() => admission.require(inMs(-1))).toThrow(overloaded(5));
  });

  it('counts those who are on their way: they will be in the queue before who comes now', () => {
    const admission = new Admission(() => idle);
    // Each takes 50 ms of the two workers, 75 with caution; a question is given 200 for itself.
    const arrivals = Array.from({ length: 10 }, () => admission.enter(inMs(1_000)));
    expect(admission.coming).toBe(10);
    expect(() => admission.enter(inMs(940))).toThrow(overloaded(1));
    for (const arrive of arrivals) arrive();
    // Twice is no more than once.
    arrivals[0]!();
    expect(admission.coming).toBe(0);
    admission.enter(inMs(940));
  });

  it('always tries a question that nothing is before: after bad times the average has to mend', () => {
    let running = 0;
    const admission = new Admission(() => ({ ...idle, serviceMs: 60_000, running }));
    admission.require(inMs(100));
    const arrive = admission.enter(inMs(100));
    expect(() => admission.enter(inMs(100))).toThrow(overloaded(30));
    arrive();
    running = 1;
    expect(() => admission.enter(inMs(100))).toThrow(overloaded(1));
    running = 0;
    admission.enter(inMs(100));
  });

  it('knows nothing of a pool that has not answered anything, and lets all in', () => {
    const admission = new Admission(() => ({ ...idle, serviceMs: 0, queued: 50 }));
    for (let k = 0; k < 100; k++) admission.enter(inMs(500));
  });
});
