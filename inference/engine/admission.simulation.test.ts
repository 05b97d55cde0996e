/**
 * Goodput under overload, simulated: an hour's worth of arrivals in no time, on a clock of its own. A queue
 * of one worker whose service times scatter, with the average that WorkerPool keeps, in front of it the
 * admission; questions leave the queue at their deadline.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Admission } from './admission.ts';

afterEach(() => vi.restoreAllMocks());

const SERVICE_MS = 10;
/** Reading the tiles, before the queue. */
const READ_MS = 5;
const QUESTIONS = 20_000;

/** A generator with a seed: every run is the same. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Outcome {
  /** Answers in time, as a share of what the worker could have answered. */
  readonly goodput: number;
  readonly refused: number;
  readonly late: number;
}

/** `load`: arrivals as a multiple of what the worker can do. */
function simulate(load: number, deadlineMs: number, isAdmitting: boolean, seed = 7): Outcome {
  const random = randomOf(seed);
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const events: { at: number; run: () => void }[] = [];
  const schedule = (at: number, run: () => void) => {
    let k = events.length;
    while (k > 0 && events[k - 1]!.at < at) k -= 1;
    events.splice(k, 0, { at, run });
  };
  let serviceMs = 0;
  let finished = 0;
  let isBusy = false;
  const queue: { deadline: number }[] = [];
  const outcome = { inTime: 0, refused: 0, late: 0 };
  const admission = new Admission(() => ({
    workers: 1,
    ready: 1,
    queued: queue.length,
    running: isBusy ? 1 : 0,
    maxQueue: 256,
    finished,
    deaths: 0,
    serviceMs,
    predictedWaitMs: serviceMs * (queue.length + (isBusy ? 1 : 0)),
  }));
  const next = () => {
    if (isBusy) return;
    let job = queue.shift();
    // It left the queue at its deadline.
    while (job !== undefined && job.deadline <= now) {
      outcome.late += 1;
      job = queue.shift();
    }
    if (job === undefined) return;
    isBusy = true;
    const { deadline } = job;
    // From half to one and a half times the mean, one in fifty five times as long.
    const takes = SERVICE_MS * (random() < 0.02 ? 5 : 0.42 + random());
    schedule(now + takes, () => {
      finished += 1;
      serviceMs = finished === 1 ? takes : serviceMs + 0.2 * (takes - serviceMs);
      isBusy = false;
      if (now <= deadline) outcome.inTime += 1;
      else outcome.late += 1;
      next();
    });
  };
  const enqueue = (deadline: number) => {
    if (queue.length >= 256) {
      outcome.refused += 1;
      return;
    }
    queue.push({ deadline });
    next();
  };
  const arrive = () => {
    const deadline = now + deadlineMs;
    if (!isAdmitting) {
      schedule(now + READ_MS, () => enqueue(deadline));
      return;
    }
    try {
      const arrived = admission.enter(deadline);
      schedule(now + READ_MS, () => {
        arrived();
        try {
          admission.require(deadline);
          enqueue(deadline);
        } catch {
          outcome.refused += 1;
        }
      });
    } catch {
      outcome.refused += 1;
    }
  };
  let arrivals = 0;
  const arriveNext = () => {
    if (arrivals++ === QUESTIONS) return;
    schedule(now + (-Math.log(1 - random()) * SERVICE_MS) / load, () => {
      lastArrival = now;
      arrive();
      arriveNext();
    });
  };
  let lastArrival = 0;
  arriveNext();
  while (events.length > 0) {
    const event = events.pop()!;
    now = event.at;
    event.run();
  }
  return {
    goodput: (outcome.inTime * SERVICE_MS) / lastArrival,
    refused: outcome.refused / QUESTIONS,
    late: outcome.late / QUESTIONS,
  };
}

describe.each([100, 400])('with a deadline of %d ms, ten and forty times a fit', (deadlineMs) => {
  it('half the capacity is answered, nearly all of it', () => {
    const { goodput, refused, late } = simulate(0.5, deadlineMs, true);
    expect(goodput).toBeGreaterThan(0.48);
    expect(refused + late).toBeLessThan(0.03);
  });

  it.each([1.5, 2, 3])(
    'at %d times the capacity goodput stays at 90 % of it, and hardly anything is late',
    (load) => {
      const { goodput, late, refused } = simulate(load, deadlineMs, true);
      expect(goodput).toBeGreaterThan(0.9);
      expect(late).toBeLessThan(0.02);
      expect(refused).toBeCloseTo(1 - 1 / load, 1);
    },
  );
});

it('without it a queue of fixed length answers late what it answers: the simulation can tell', () => {
  const { goodput, late } = simulate(2, 100, false);
  expect(goodput).toBeLessThan(0.9);
  expect(late).toBeGreaterThan(0.3);
});
