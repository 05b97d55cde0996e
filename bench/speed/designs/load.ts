/** Clicks as annotators make them, on whatever is compared. */

import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { mulberry32 } from '../../../cache/foundation/index.ts';
import { quantile } from '../../kit/index.ts';
import type { Design } from './contender.ts';
import type { BenchFrame } from './frames.ts';

type ClickPosition = BenchFrame['clicks'][number];

/** What the load is put on. */
export type LoadTarget = Pick<Design, 'kind' | 'url' | 'cpuMs' | 'residentMiB'>;

interface DesignAnswer {
  /** Null if there was a box, else what came instead: a code, or a status. */
  readonly failure: string | null;
  /** Whether nearbox found all tiles in memory. */
  readonly isFromMemory?: boolean;
  /** On a new connection, because the one that was used again had just been closed. */
  readonly isSentAgain?: boolean;
}

type AskDesign = (cloud: string, at: ClickPosition) => Promise<DesignAnswer>;

const agent = new http.Agent({ keepAlive: true, maxSockets: 1024 });

/** How long an answer is waited for, milliseconds. */
const TIMEOUT_MS = 20_000;

interface AskOptions {
  /** Whether the header says which cloud is meant, for balancers. */
  readonly isNamed?: boolean;
  /** Whether a request that meets a closed connection is sent again on a new one, as browsers do. */
  readonly canSendAgain?: boolean;
  readonly hasOwnConnection?: boolean;
}

function askOver(
  url: string,
  { isNamed = false, canSendAgain = false, hasOwnConnection = false }: AskOptions = {},
): AskDesign {
  return (cloud, position) =>
    new Promise((resolve) => {
      const headers = {
        'content-type': 'application/json',
        'timeout-ms': String(TIMEOUT_MS),
        ...(isNamed && { 'nearbox-cloud': cloud }),
      };
      const request = http.request(
        `${url}/v1/predictions`,
        { method: 'POST', agent: hasOwnConnection ? false : agent, headers },
        (response) => {
          const said: Buffer[] = [];
          response.on('data', (chunk: Buffer) => said.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(said).toString('utf8');
            const isFromMemory = /"cost":\{[^}]*"disk":0,"origin":0\}/.test(text);
            const code = /"code":"(\w+)"/.exec(text)?.[1];
            if (response.statusCode === 200) resolve({ failure: null, isFromMemory });
            else resolve({ failure: code ?? `status ${response.statusCode}` });
          });
          response.on('error', () => resolve({ failure: 'broken off' }));
        },
      );
      request.on('error', (error: NodeJS.ErrnoException) => {
        const failed = { failure: error.code ?? error.message };
        if (!canSendAgain || !request.reusedSocket) resolve(failed);
        else
          void askOver(url, { isNamed, hasOwnConnection: true })(cloud, position).then((answer) =>
            resolve({ ...answer, isSentAgain: true }),
          );
      });
      request.end(JSON.stringify({ cloud, region: { type: 'click', position } }));
    });
}

/** One question. @returns how long the answer took, milliseconds. @throws if there was no box. */
export async function askOnce({ url }: LoadTarget, cloud: string, at: ClickPosition): Promise<number> {
  const sent = performance.now();
  const { failure } = await askOver(url)(cloud, at);
  if (failure !== null) throw new Error(`${url} has no box for ${cloud} at ${at}: ${failure}`);
  return performance.now() - sent;
}

/** Connects an annotator whose task is `clouds`. */
async function connect(
  url: string,
  clouds: readonly string[],
): Promise<{ ask: AskDesign; close: () => void }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  socket.send(JSON.stringify({ task: clouds }));
  const waiting = new Map<number, (answer: DesignAnswer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, error } = JSON.parse(String(data)) as { id: number; error?: string };
    waiting.get(id)?.({ failure: error ?? null });
    waiting.delete(id);
  });
  let last = 0;
  const ask: AskDesign = (cloud, at) =>
    new Promise((resolve) => {
      const id = ++last;
      const timer = setTimeout(() => resolve({ failure: 'no answer' }), TIMEOUT_MS);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      socket.send(JSON.stringify({ id, cloud, at }));
    });
  return { ask, close: () => socket.close() };
}

export interface ClosedLoopResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of all the contender's processes, an answer. */
  readonly cpuMs: number;
  readonly failed: number;
}

export interface ClosedLoopOptions {
  readonly inFlight: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** The `k`-th question. */
  readonly question: (k: number) => { readonly cloud: string; readonly at: ClickPosition };
}

/** `inFlight` questions at any time. */
export async function closedLoop(
  contender: LoadTarget,
  { inFlight, warmSeconds, seconds, question }: ClosedLoopOptions,
): Promise<ClosedLoopResult> {
  const ask = askOver(contender.url);
  let asked = 0;
  const run = async (duration: number) => {
    const ms: number[] = [];
    let failed = 0;
    const [began, cpuBefore] = [performance.now(), contender.cpuMs()];
    const end = began + 1000 * duration;
    const loop = async () => {
      while (performance.now() < end) {
        const { cloud, at } = question(asked++);
        const sent = performance.now();
        if ((await ask(cloud, at)).failure === null) ms.push(performance.now() - sent);
        else failed += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, loop));
    const elapsed = (performance.now() - began) / 1000;
    return {
      perSecond: ms.length / elapsed,
      p50Ms: quantile(ms, 0.5),
      p95Ms: quantile(ms, 0.95),
      cpuMs: (contender.cpuMs() - cpuBefore) / Math.max(1, ms.length),
      failed,
    };
  };
  if (warmSeconds > 0) await run(warmSeconds);
  return run(seconds);
}

export interface AnnotatorsResult {
  readonly answers: number;
  readonly failed: number;
  /** What came instead of boxes, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** Share of all clicks answered within 400 ms of the moment at which they were due. */
  readonly inTime: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Clicks that are the first on their frame, and later ones. */
  readonly firstP50Ms: number;
  readonly laterP50Ms: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  /** Share of the answers that nearbox had all tiles for in memory. */
  readonly fromMemory: number;
  /** Requests that met a closed connection and were sent again. */
  readonly sentAgain: number;
}

export interface AnnotatorsOptions {
  readonly count: number;
  /** How long they click; infinite where `clicksEach` or `until` ends it. */
  readonly seconds: number;
  readonly clicksEach?: number;
  readonly until?: AbortSignal;
  /** Annotators begin within so many seconds. */
  readonly startWithinSeconds: number;
  readonly frames: readonly BenchFrame[];
  /** Clicks on a frame before the next one. */
  readonly clicksPerFrame: number;
  /** Sets the annotators' clouds apart from those of other runs. */
  readonly run: number;
  /** Seconds between two clicks of an annotator, on average; from 0.6 to 1.4 times that. */
  readonly pauseSeconds?: number;
  /** Whether an annotator's requests name their cloud in the header; if left out, none does. */
  readonly isNamed?: (who: number) => boolean;
  readonly canSendAgain?: boolean;
  /**
   * Whether an annotator's next click comes after the answer to the last one; if left out, when it is due.
   */
  readonly waitsForAnswers?: boolean;
}

const PAUSE_SECONDS = 5;
const IN_TIME_MS = 400;

/**
 * Every annotator has a sequence of its own and clicks when a click is due, whether or not the last one was
 * answered (open arrivals), unless it is told to wait.
 */
export async function annotators(
  contender: LoadTarget,
  options: AnnotatorsOptions,
): Promise<AnnotatorsResult> {
  const { count, seconds, startWithinSeconds, frames, clicksPerFrame, run } = options;
  const { clicksEach = Number.POSITIVE_INFINITY, pauseSeconds = PAUSE_SECONDS, until } = options;
  const first: number[] = [];
  const later: number[] = [];
  const failures: Record<string, number> = {};
  const fail = (what: string) => {
    failures[what] = (failures[what] ?? 0) + 1;
  };
  let peakMiB = 0;
  let fromMemory = 0;
  let sentAgain = 0;
  const watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, contender.residentMiB());
  }, 250);
  const [began, cpuBefore] = [performance.now(), contender.cpuMs()];
  const end = began + 1000 * seconds;
  const annotate = async (who: number) => {
    const random = mulberry32(1 + who);
    await sleep(1000 * startWithinSeconds * random());
    const begin = Math.floor(random() * frames.length);
    const prefix = `t${run * 10_000 + who}`;
    const task = frames.map(({ id }) => `${prefix}/${id}`);
    const session =
      contender.kind === 'http'
        ? {
            ask: askOver(contender.url, {
              isNamed: options.isNamed?.(who) ?? false,
              canSendAgain: options.canSendAgain ?? false,
            }),
            close() {},
          }
        : await connect(contender.url, task).catch(() => null);
    if (session === null) {
      fail('no connection');
      return;
    }
    const pending: Promise<void>[] = [];
    for (let k = 0; k < clicksEach && performance.now() < end && until?.aborted !== true; k++) {
      const frame = frames[(begin + Math.floor(k / clicksPerFrame)) % frames.length]!;
      const at = frame.clicks[(7 * who + k) % frame.clicks.length]!;
      const due = performance.now();
      const answered = session
        .ask(`${prefix}/${frame.id}`, at)
        .then(({ failure, isFromMemory, isSentAgain }) => {
          if (failure !== null) fail(failure);
          else (k % clicksPerFrame === 0 ? first : later).push(performance.now() - due);
          if (isFromMemory) fromMemory += 1;
          if (isSentAgain) sentAgain += 1;
        });
      if (options.waitsForAnswers) await answered;
      else pending.push(answered);
      await sleep(1000 * pauseSeconds * (0.6 + 0.8 * random()));
    }
    await Promise.all(pending);
    session.close();
  };
  await Promise.all(Array.from({ length: count }, (_, who) => annotate(who)));
  clearInterval(watch);
  const all = [...first, ...later];
  const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return {
    answers: all.length,
    failed,
    failures,
    inTime: all.filter((ms) => ms <= IN_TIME_MS).length / Math.max(1, all.length + failed),
    p50Ms: quantile(all, 0.5),
    p95Ms: quantile(all, 0.95),
    p99Ms: quantile(all, 0.99),
    firstP50Ms: quantile(first, 0.5),
    laterP50Ms: quantile(later, 0.5),
    cpuMs: (contender.cpuMs() - cpuBefore) / Math.max(1, all.length),
    peakMiB,
    fromMemory: fromMemory / Math.max(1, all.length),
    sentAgain,
  };
}

export function closeConnections(): void {
  agent.destroy();
}
