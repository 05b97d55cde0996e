/**
 * What HTTP, octree and queue add to the network: a prediction over HTTP on a warm cloud beside the same fit
 * asked of the engine directly, alternating, in one process on one machine.
 *
 *   node --import tsx bench/speed/prediction.ts [--rounds 20] [--clouds FOLDER]
 *
 * FOLDER holds clouds and the `truth.json` of their true boxes; the built-in demo if left out.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseServeConfig } from '../../app/config/index.ts';
import { silentLog } from '../../app/observability/index.ts';
import { startServer } from '../../app/server/index.ts';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { DEFAULT_QUESTION } from '../../inference/index.ts';
import { machineLine, quantile } from '../kit/index.ts';

interface LabelledIndex {
  readonly frames: readonly {
    /** The cloud's id. */
    readonly id: string;
    readonly objects: readonly {
      readonly class: string;
      readonly center: readonly [number, number, number];
      readonly numPoints: number;
    }[];
  }[];
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, clouds: { type: 'string', default: DEMO_CLOUDS } },
});
const rounds = Number(values.rounds);
const index = JSON.parse(readFileSync(path.join(values.clouds, 'truth.json'), 'utf8')) as LabelledIndex;
const clicks = index.frames.flatMap((frame) =>
  frame.objects
    .filter((object) => object.class === 'car' && object.numPoints >= 50)
    .slice(0, 4)
    .map((object) => ({ cloud: frame.id, position: object.center })),
);

const server = await startServer(
  parseServeConfig({ clouds: values.clouds, port: '0', shards: '0' }),
  silentLog,
);
const cold = await startServer(
  parseServeConfig({ clouds: values.clouds, port: '0', memoryBytes: '0' }),
  silentLog,
);
const overHttp: number[] = [];
const coldHttp: number[] = [];
const inFit: number[] = [];
const inServer: number[] = [];
const direct: number[] = [];
const signal = new AbortController().signal;

async function ask(url: string, click: (typeof clicks)[number]) {
  const start = performance.now();
  const response = await fetch(`${url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud: click.cloud, region: { type: 'click', position: click.position } }),
  });
  const answer = (await response.json()) as { timings?: { totalMs: number; inferMs: number }; code?: string };
  const ms = performance.now() - start;
  if (!answer.timings) throw new Error(`${response.status} ${answer.code} at ${JSON.stringify(click)}`);
  return { ms, ...answer.timings };
}

async function askHttp(click: (typeof clicks)[number]): Promise<void> {
  const { ms, inferMs, totalMs } = await ask(server.url, click);
  overHttp.push(ms);
  inFit.push(inferMs);
  inServer.push(totalMs);
}

/** Without a memory for tiles every click reads and decodes its nodes from the folder. */
async function askCold(click: (typeof clicks)[number]): Promise<void> {
  coldHttp.push((await ask(cold.url, click)).ms);
}

async function askPredictor(click: (typeof clicks)[number]): Promise<void> {
  const start = performance.now();
  await server.services.predictor.predict({
    cloud: click.cloud,
    region: { type: 'click', position: click.position },
    ...DEFAULT_QUESTION,
    signal,
    deadline: Number.POSITIVE_INFINITY,
  });
  direct.push(performance.now() - start);
}

try {
  for (const click of clicks) for (const askOne of [askHttp, askCold]) await askOne(click);
  for (const list of [overHttp, coldHttp, inFit, inServer, direct]) list.length = 0;
  for (let round = 0; round < rounds; round++) {
    for (const click of clicks) {
      const order = [askHttp, askPredictor, askCold];
      for (const askOne of round % 2 === 0 ? order : order.reverse()) await askOne(click);
    }
  }
} finally {
  await server.close();
  await cold.close();
}

console.log(machineLine());
console.log(`${clicks.length} clicks x ${rounds} rounds, one at a time`);
const row = (name: string, list: readonly number[]) =>
  console.log(
    `${name.padEnd(34)} p50 ${quantile(list, 0.5).toFixed(2)} ms   p95 ${quantile(list, 0.95).toFixed(2)} ms`,
  );
row('network alone (in its worker)', inFit);
row('predictor, no HTTP', direct);
row('HTTP, inside the server', inServer);
row('HTTP, seen by the client', overHttp);
row('HTTP, no tile in memory', coldHttp);
console.log(
  `ratio of the client's p50 to the network's p50: ${(quantile(overHttp, 0.5) / quantile(inFit, 0.5)).toFixed(2)}`,
);
