/**
 * The rule of `app/deploy/fly-autoscaler.yml` over a load: every 15 s it looks at the cores in use and at the
 * wait, and says how many machines are to run. Time goes in seconds.
 */

export interface ScalingRule {
  /** Seconds between two decisions, and over which the cores in use are averaged. */
  readonly intervalSeconds: number;
  readonly windowSeconds: number;
  readonly machines: (cores: number, waitSeconds: number) => number;
}

/**
 * Reads the rule out of the file. Its expressions are arithmetic, `max`, `ceil` and a condition, which mean
 * the same in JavaScript.
 * @throws if the file lacks a part
 */
export function readScalingRule(yaml: string): ScalingRule {
  const part = (pattern: RegExp, what: string) => {
    const found = pattern.exec(yaml)?.[1];
    if (found === undefined) throw new Error(`the rule has no ${what}`);
    return found;
  };
  const expression = part(/^started-machine-count: "([^"]+)"/m, 'started-machine-count');
  if (!/^[\w\s().,*/+<>?:-]+$/.test(expression)) throw new Error(`not understood: ${expression}`);
  const run = new Function('max', 'ceil', 'cores', 'wait', `return ${expression}`) as (
    max: typeof Math.max,
    ceil: typeof Math.ceil,
    cores: number,
    wait: number,
  ) => number;
  return {
    intervalSeconds: Number(part(/^interval: "(\d+)s"/m, 'interval')),
    windowSeconds: 60 * Number(part(/process_cpu_seconds_total\{[^}]*\}\[(\d+)m\]/, 'window of the cores')),
    machines: (cores, waitSeconds) => run(Math.max, Math.ceil, cores, waitSeconds),
  };
}

export interface ReplayOptions {
  /** Clicks that come in each second. */
  readonly clicksPerSecond: readonly number[];
  readonly cpuMsPerClick: number;
  readonly coresPerMachine: number;
  /** From the decision to a machine that answers: the start of a stopped machine. */
  readonly startSeconds: number;
  /** Questions that are refused at once: those that would wait longer. */
  readonly longestWaitSeconds: number;
}

export interface ReplayResult {
  /** Running machines, each second. */
  readonly machines: readonly number[];
  readonly mostMachines: number;
  /** Shares of all clicks. */
  readonly refused: number;
  readonly late: number;
  readonly machineSeconds: number;
}

/** A click that waits longer is late. */
const LATE_SECONDS = 0.3;

export function replayRule(rule: ScalingRule, options: ReplayOptions): ReplayResult {
  const { clicksPerSecond, cpuMsPerClick, coresPerMachine, startSeconds, longestWaitSeconds } = options;
  const machines: number[] = [];
  const used: number[] = [];
  const starting: { readonly at: number; readonly count: number }[] = [];
  let running = rule.machines(0, 0);
  let backlogSeconds = 0;
  const sums = { clicks: 0, refused: 0, late: 0 };
  for (const [second, clicks] of clicksPerSecond.entries()) {
    while (starting.length > 0 && starting[0]!.at <= second) running = starting.shift()!.count;
    const capacity = running * coresPerMachine;
    // Work that does not fit into this second waits for the next ones; what would wait too long is refused.
    const asked = (clicks * cpuMsPerClick) / 1000;
    const room = Math.max(0, capacity * (1 + longestWaitSeconds) - backlogSeconds);
    const taken = Math.min(asked, room);
    const done = Math.min(capacity, backlogSeconds + taken);
    backlogSeconds = backlogSeconds + taken - done;
    const waitSeconds = backlogSeconds / capacity;
    used.push(done);
    machines.push(running);
    sums.clicks += clicks;
    if (asked > 0) sums.refused += clicks * (1 - taken / asked);
    if (asked > 0 && waitSeconds > LATE_SECONDS) sums.late += clicks * (taken / asked);
    if (second % rule.intervalSeconds === 0 && second > 0) {
      const seen = used.slice(-rule.windowSeconds);
      const cores = seen.reduce((sum, one) => sum + one, 0) / Math.min(rule.windowSeconds, seen.length);
      const wanted = rule.machines(cores, waitSeconds);
      const planned = starting.at(-1)?.count ?? running;
      if (wanted > planned) starting.push({ at: second + startSeconds, count: wanted });
      else if (wanted < planned && starting.length === 0) running = wanted;
    }
  }
  return {
    machines,
    mostMachines: Math.max(...machines),
    refused: sums.refused / Math.max(1, sums.clicks),
    late: sums.late / Math.max(1, sums.clicks),
    machineSeconds: machines.reduce((sum, one) => sum + one, 0),
  };
}
