/** Annotators who walk through frames of their own, on clouds that no instance has seen. */
import { type AnnotatorsOptions, annotators, type BenchFrames } from '../../speed/designs/index.ts';
import type { Fleet } from './fleet.ts';
import type { FleetStorage } from './storage.ts';

/** How many annotate, and how fast. Each walks all its frames once. */
export interface MachinesWalk {
  readonly annotators: number;
  readonly frames: number;
  readonly clicksPerFrame: number;
  readonly pauseSeconds: number;
  /** Clicks for each instance before anything is measured. */
  readonly warmClicks: number;
}

/** What goes on after an answer (a node is kept, a peer is told) belongs to the clicks. */
export const SETTLE_MS = 500;

/** Numbers the runs of one bench: each has clouds of its own. */
export class MachinesRuns {
  readonly #storage: FleetStorage;
  readonly #frames: BenchFrames;
  #last = 0;

  constructor(storage: FleetStorage, frames: BenchFrames) {
    this.#storage = storage;
    this.#frames = frames;
  }

  /** Options of a load on clouds that no instance has seen. */
  next(walk: MachinesWalk): AnnotatorsOptions {
    const run = ++this.#last;
    this.#storage.addRun(run, walk.annotators);
    return {
      count: walk.annotators,
      seconds: Number.POSITIVE_INFINITY,
      startWithinSeconds: walk.pauseSeconds,
      frames: this.#frames.frames.slice(0, walk.frames),
      clicksPerFrame: walk.clicksPerFrame,
      run,
      pauseSeconds: walk.pauseSeconds,
    };
  }
}

const WARM_ANNOTATORS = 8;
const WARM_PAUSE_SECONDS = 0.15;

/**
 * Lets every instance's code become as fast as it gets: new clouds, and each of them from several instances.
 */
export async function warmFleet(fleet: Fleet, runs: MachinesRuns, walk: MachinesWalk): Promise<void> {
  const options = runs.next({ ...walk, annotators: WARM_ANNOTATORS, pauseSeconds: WARM_PAUSE_SECONDS });
  const clicksEach = Math.ceil((walk.warmClicks * fleet.size) / WARM_ANNOTATORS);
  await annotators(fleet.entry('HAProxy'), { ...options, clicksEach });
}
