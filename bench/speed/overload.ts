/**
 * How a server answers under more load than it can take: predictions at a fixed rate of arrival
 * (open loop), from half of its measured capacity to three times as much, against a real server in a process
 * of its own.
 *
 *   node --import tsx bench/speed/overload.ts [--rounds 3] [--seconds 8] [--deadline MS] [--clicks 40]
 *
 * Goodput counts answers that came within the deadline, from the moment at which the request was to be sent.
 * The rates are run upwards and downwards in turn, each round with a capacity of its own; the table has the
 * medians of the rounds. The generator shares the machine. The deadline is 400 ms, or where the machine is
 * too busy for that, ten times what one answer takes when it is alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const FACTORS = [0.5, 1, 1.5, 2, 3];
/** Requests in flight when the capacity is measured: enough to keep the network busy. */
const CLOSED_LOOP_CALLERS = 6;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    deadline: { type: 'string' },
    clicks: { type: 'string', default: '40' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
let deadlineMs = Number(values.deadline ?? 400);

interface TimedAnswer {
  readonly status: number;
  /** From the moment at which it was to be sent, milliseconds. */
  readonly ms: number;
}

interface Step {
  readonly offered: number;
  readonly goodput: number;
  readonly p50: number;
  readonly p99: number;
  readonly shed: number;
  readonly shedP99: number;
  /** Neither in time nor refused: late, or 504. */
  readonly missed: number;
}

const clicks = questions().slice(0, Number(values.clicks));
const agent = new http.Agent({ keepAlive: true, maxSockets: 512 });
const { child, url } = await serve();
let asked = 0;
try {
  // Every tile into memory, and the network compiled.
  for (const _ of clicks) await ask(performance.now(), 30_000);
  const alone: number[] = [];
  for (const _ of clicks) alone.push((await ask(performance.now(), 30_000)).ms);
  if (values.deadline === undefined) deadlineMs = Math.max(400, Math.round(10 * medianOf(alone)));
  const steps = new Map<number, Step[]>(FACTORS.map((factor) => [factor, []]));
  const capacities: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const capacity = await closedLoop();
    capacities.push(capacity);
    for (const factor of round % 2 === 0 ? FACTORS : FACTORS.toReversed())
      steps.get(factor)!.push(await openLoop(capacity * factor));
  }
  print(capacities, steps);
} finally {
  agent.destroy();
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function questions(): string[] {
  const index = JSON.parse(readFileSync(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: { id: string; objects: { class: string; center: number[]; numPoints: number }[] }[];
  };
  return index.frames.flatMap(({ id, objects }) =>
    objects
      .filter((object) => object.class === 'car' && object.numPoints >= 50)
      .slice(0, 4)
      .map(({ center }) => JSON.stringify({ cloud: id, region: { type: 'click', position: center } })),
  );
}

async function serve(): Promise<{ child: ChildProcess; url: string }> {
  const bin = fileURLToPath(new URL('../../app/bin/nearbox.mjs', import.meta.url));
  const started = spawn(process.execPath, [bin, 'serve', '--port', '0', '--log-level', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: started.stdout }))
    if (line.includes('listening on')) return { child: started, url: line.split(' ').at(-1)! };
  throw new Error('the server did not start');
}

/** Asks the next question; never rejects. A connection that fails has the status 0. */
function ask(due: number, timeoutMs: number): Promise<TimedAnswer> {
  const body = clicks[asked++ % clicks.length]!;
  const headers = { 'content-type': 'application/json', 'timeout-ms': String(timeoutMs) };
  return new Promise((resolve) => {
    const answered = (status: number) => resolve({ status, ms: performance.now() - due });
    const request = http.request(`${url}/v1/predictions`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => answered(response.statusCode!));
      response.on('error', () => answered(0));
    });
    request.on('error', () => answered(0));
    request.end(body);
  });
}

/** Answers a second with so many in flight. */
async function closedLoop(): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: CLOSED_LOOP_CALLERS }, async () => {
      while (performance.now() < end) if ((await ask(performance.now(), 30_000)).status === 200) done += 1;
    }),
  );
  return done / seconds;
}

/** Sends at equal intervals, whether or not earlier requests have been answered. */
async function openLoop(rate: number): Promise<Step> {
  const count = Math.round(rate * seconds);
  const began = performance.now();
  const answers: Promise<TimedAnswer>[] = [];
  for (let k = 0; k < count; k++) {
    const due = began + (k * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    answers.push(ask(due, deadlineMs));
  }
  const all = await Promise.all(answers);
  const good = all.filter(({ status, ms }) => status === 200 && ms <= deadlineMs).map(({ ms }) => ms);
  const shed = all.filter(({ status }) => status === 503).map(({ ms }) => ms);
  return {
    offered: rate,
    goodput: good.length / seconds,
    p50: quantile(good, 0.5),
    p99: quantile(good, 0.99),
    shed: shed.length / all.length,
    shedP99: quantile(shed, 0.99),
    missed: (all.length - good.length - shed.length) / all.length,
  };
}

function print(capacities: readonly number[], steps: ReadonlyMap<number, readonly Step[]>): void {
  console.log(machineLine());
  console.log(
    `capacity ${medianOf(capacities).toFixed(1)} answers/s (${CLOSED_LOOP_CALLERS} in flight; rounds: ${capacities.map((c) => c.toFixed(1)).join(', ')}); deadline ${deadlineMs} ms; ${rounds} rounds of ${seconds} s a step`,
  );
  // Each round's figures against that round's capacity: the machine is not the same in all of them.
  const best = capacities.map((_, round) =>
    Math.max(...[...steps.values()].map((list) => list[round]!.goodput)),
  );
  console.log(
    '| offered | a second | goodput | of the best | p50 ms | p99 ms | shed | p99 of a refusal, ms | missed |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const [factor, list] of steps) {
    const of = (pick: (step: Step) => number) =>
      medianOf(list.map(pick).filter((value) => !Number.isNaN(value)));
    const share = medianOf(list.map(({ goodput }, round) => goodput / best[round]!));
    const percent = (value: number) => `${(value * 100).toFixed(0)} %`;
    const ms = (value: number) => (Number.isNaN(value) ? '' : value.toFixed(0));
    console.log(
      `| ${factor}x | ${of((s) => s.offered).toFixed(0)} | ${of((s) => s.goodput).toFixed(1)} | ${percent(share)} | ${ms(of((s) => s.p50))} | ${ms(of((s) => s.p99))} | ${percent(of((s) => s.shed))} | ${ms(of((s) => s.shedP99))} | ${percent(of((s) => s.missed))} |`,
    );
  }
}
