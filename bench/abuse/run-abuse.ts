/** Puts the cases to a real server, one after the other, while a neighbour clicks on a cloud of its own. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AbusedServer } from './abused-server.ts';
import { type AbuseCase, cloudOf } from './cases.ts';

const DEMO_CLOUDS = fileURLToPath(new URL('../../app/demo/', import.meta.url));

/** What the threads that others wait for may be held at most, milliseconds of their own processor time. */
export const MAX_HOLD_MS = 100;
/** What resident memory may have beyond that of the idle server and the memory that it was given. */
export const MAX_EXTRA_BYTES = 200 * 2 ** 20;
/** The threads that others wait for: those that answer and those that own clouds. */
const SHARED_THREADS = /^main$|shard/;
/** Between two clicks of the neighbour. */
const NEIGHBOUR_PAUSE_MS = 50;
/** The neighbour's cloud, and a car on it. */
const NEIGHBOUR = '000001';

export interface AbuseOptions {
  readonly cases: readonly AbuseCase[];
  /** Flags of `nearbox serve` beside those for the clouds. */
  readonly flags?: readonly string[];
  /** Memory that the server was given by its flags, bytes. */
  readonly memoryBytes: number;
  /** Longest hold of a thread that others wait for, milliseconds of its processor time. Default: 100. */
  readonly maxHoldMs?: number;
  readonly onResult?: (result: AbuseResult) => void;
}

export interface AbuseResult {
  readonly name: string;
  /** HTTP status and code of each answer; `hung up` if the connection broke. */
  readonly answers: readonly string[];
  /** The longest that an answer took, milliseconds. */
  readonly slowestMs: number;
  /** Longest hold of a thread that others wait for, milliseconds of its own processor time; and which. */
  readonly holdMs: number;
  readonly heldThread: string;
  readonly peakBytes: number;
  /** What the server had before the first case. */
  readonly idleBytes: number;
  readonly neighbour: {
    readonly clicks: number;
    readonly failures: number;
    readonly p50: number;
    readonly max: number;
  };
  /** What is not as it should be. */
  readonly faults: readonly string[];
}

export async function runAbuse({
  cases,
  flags = [],
  memoryBytes,
  maxHoldMs = MAX_HOLD_MS,
  onResult,
}: AbuseOptions): Promise<AbuseResult[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-abuse-'));
  const results: AbuseResult[] = [];
  let server: AbusedServer | null = null;
  try {
    for (const id of ['000000', NEIGHBOUR])
      await cp(path.join(DEMO_CLOUDS, id), path.join(folder, id), { recursive: true });
    await store(folder, cases);
    const click = await neighbourClick();
    server = await AbusedServer.start(['--clouds', folder, '--log-level', 'error', ...flags]);
    // The neighbour's cloud is warm, as it is for somebody at work.
    for (let i = 0; i < 5; i++) await ask(server.url, '/v1/predictions', click, 30_000);
    for (const abuse of cases) {
      const result = await put(server, abuse, click, { memoryBytes, maxHoldMs });
      results.push(result);
      onResult?.(result);
      if (!server.isAlive) break;
    }
    if (server.isAlive && !(await server.stop())) throw new Error('SIGTERM did not end the server');
    return results;
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function store(folder: string, cases: readonly AbuseCase[]): Promise<void> {
  for (const { cloud } of cases) {
    if (cloud === undefined) continue;
    for (const [file, bytes] of cloud.files()) {
      const target = path.join(folder, cloud.id, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, bytes);
    }
  }
}

async function neighbourClick(): Promise<unknown> {
  const truth = JSON.parse(await readFile(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: { id: string; objects: { class: string; center: number[]; numPoints: number }[] }[];
  };
  const { objects } = truth.frames.find(({ id }) => id === NEIGHBOUR)!;
  const car = objects
    .filter((object) => object.class === 'car')
    .sort((a, b) => b.numPoints - a.numPoints)[0]!;
  return { cloud: NEIGHBOUR, region: { type: 'click', position: car.center } };
}

async function put(
  server: AbusedServer,
  abuse: AbuseCase,
  click: unknown,
  { memoryBytes, maxHoldMs }: { readonly memoryBytes: number; readonly maxHoldMs: number },
): Promise<AbuseResult> {
  await server.read();
  let isOver = false;
  const latencies: number[] = [];
  let failures = 0;
  const neighbour = (async () => {
    while (!isOver) {
      const { answer, ms } = await ask(server.url, '/v1/predictions', click, 30_000);
      if (answer === '200') latencies.push(ms);
      else failures += 1;
      await sleep(NEIGHBOUR_PAUSE_MS);
    }
  })();
  const answers: string[] = [];
  let slowestMs = 0;
  if (abuse.attack !== undefined) answers.push(...(await abuse.attack(server.url)));
  const body = { cloud: cloudOf(abuse), region: abuse.region };
  for (let time = 0; time < abuse.times && abuse.attack === undefined; time++) {
    const asked = Array.from({ length: abuse.atOnce }, () =>
      ask(server.url, abuse.route, body, abuse.timeoutMs),
    );
    for (const { answer, ms } of await Promise.all(asked)) {
      answers.push(answer);
      slowestMs = Math.max(slowestMs, ms);
    }
  }
  isOver = true;
  await neighbour;
  if (!server.isAlive) {
    const neighbourSaw = summary(latencies, failures);
    const faults = ['the server has ended'];
    return {
      name: abuse.name,
      answers,
      slowestMs,
      holdMs: 0,
      heldThread: '',
      peakBytes: 0,
      idleBytes: server.idleBytes,
      neighbour: neighbourSaw,
      faults,
    };
  }
  const { holds, peakBytes } = await server.read();
  const [heldThread, holdMs] = Object.entries(holds)
    .filter(([name]) => SHARED_THREADS.test(name))
    .reduce((worst, next) => (next[1] > worst[1] ? next : worst), ['main', 0]);
  const faults = [
    ...answers.filter((answer) => !abuse.answers.includes(answer)).map((answer) => `answered ${answer}`),
    ...(holdMs > maxHoldMs ? [`held ${heldThread} for ${Math.round(holdMs)} ms`] : []),
    ...(peakBytes > server.idleBytes + memoryBytes + MAX_EXTRA_BYTES
      ? [`took ${Math.round((peakBytes - server.idleBytes) / 2 ** 20)} MiB beside the idle server`]
      : []),
    ...(failures > 0 ? [`${failures} clicks of the neighbour failed`] : []),
    ...(slowestMs > abuse.timeoutMs + 1000 ? [`an answer took ${Math.round(slowestMs)} ms`] : []),
  ];
  return {
    name: abuse.name,
    answers,
    slowestMs,
    holdMs,
    heldThread,
    peakBytes,
    idleBytes: server.idleBytes,
    neighbour: summary(latencies, failures),
    faults: [...new Set(faults)],
  };
}

function summary(latencies: readonly number[], failures: number): AbuseResult['neighbour'] {
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    clicks: sorted.length,
    failures,
    p50: sorted[sorted.length >> 1] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** Asks, and reads the answer to its end. Never rejects. */
async function ask(
  url: string,
  route: string,
  body: unknown,
  timeoutMs: number,
): Promise<{ readonly answer: string; readonly ms: number }> {
  const began = performance.now();
  try {
    const response = await fetch(url + route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'timeout-ms': String(timeoutMs) },
      body: JSON.stringify(body),
    });
    const bytes = await response.arrayBuffer();
    const code =
      response.status < 400 ? '' : ` ${(JSON.parse(Buffer.from(bytes).toString()) as { code: string }).code}`;
    return { answer: `${response.status}${code}`, ms: performance.now() - began };
  } catch {
    return { answer: 'hung up', ms: performance.now() - began };
  }
}
