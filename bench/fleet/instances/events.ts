/** Instances go and come while annotators click; half of the annotators name their clouds. */
import { setTimeout as pause } from 'node:timers/promises';
import { annotators } from '../../speed/designs/index.ts';
import type { BalancerName, Fleet } from './fleet.ts';
import type { MachinesRuns, MachinesWalk } from './walk.ts';

export interface EventResult {
  readonly instances: number;
  readonly balancer: BalancerName;
  readonly event: string;
  readonly clicks: number;
  readonly failed: number;
  /** What came instead of boxes, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that met a connection which the balancer had just closed, and were sent again. */
  readonly sentAgain: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface FleetEvent {
  readonly name: string;
  readonly run: (fleet: Fleet, settle: () => Promise<void>) => Promise<void>;
  /** A reload closes connections of clients. */
  readonly isReload?: boolean;
  /** What is undone when nobody clicks any more. */
  readonly undo?: (fleet: Fleet) => Promise<void>;
}

/** How often one looks whether the added instance has answered, and for how long. */
const LOOK_EVERY_MS = 100;
const LOOKS = 300;

export const EVENTS: readonly FleetEvent[] = [
  {
    name: 'one killed, and back',
    async run(fleet, settle) {
      await fleet.kill(0);
      await settle();
      await fleet.restart(0);
    },
  },
  {
    name: 'one added (reload)',
    isReload: true,
    async run(fleet) {
      const answered = await fleet.add();
      for (let look = 0; (await answered()) === 0; look++) {
        if (look === LOOKS) throw new Error('the added instance got no request');
        await pause(LOOK_EVERY_MS);
      }
    },
    undo: (fleet) => fleet.remove(),
  },
  {
    name: 'rolling restart',
    async run(fleet, settle) {
      for (let place = 0; place < fleet.size; place++) {
        await fleet.stopGently(place);
        await fleet.restart(place);
        await settle();
      }
    },
  },
];

/** @param settleSeconds how long the load goes on before, between and after the changes */
export async function measureEvent(
  fleet: Fleet,
  runs: MachinesRuns,
  walk: MachinesWalk,
  balancer: BalancerName,
  { name, run, undo, isReload = false }: FleetEvent,
  settleSeconds: number,
): Promise<EventResult> {
  const over = new AbortController();
  const instances = fleet.size;
  const load = annotators(fleet.entry(balancer), {
    ...runs.next(walk),
    until: over.signal,
    isNamed: (who) => who % 2 === 0,
    canSendAgain: isReload,
  });
  const settle = () => pause(1000 * settleSeconds);
  try {
    await settle();
    await run(fleet, settle);
    await settle();
  } finally {
    over.abort();
  }
  const { answers, failed, failures, sentAgain, p50Ms, p99Ms } = await load;
  await undo?.(fleet);
  return {
    instances,
    balancer,
    event: name,
    clicks: answers + failed,
    failed,
    failures,
    sentAgain,
    p50Ms,
    p99Ms,
  };
}
