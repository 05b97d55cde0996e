/**
 * Processor time of one read of 30 KB from a storage over HTTP: bare `undici`, the pipeline of the origin,
 * and a tile through all that lies above that. The origin is a process of its own; contenders take turns.
 * `npx tsx bench/speed/read-cost.ts [ROUNDS]`; docs/speed.md holds a run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { openStorage } from '../../app/storage/index.ts';
import { TileBytes } from '../../cache/index.ts';
import { machineLine, medianOf } from '../kit/index.ts';

const BYTES = 30_000;
const READS_PER_ROUND = 2_000;
const IN_FLIGHT = 24;

const self = fileURLToPath(import.meta.url);
if (process.argv[2] === 'origin') serve();
else if (process.argv[1] === self) await main(Number(process.argv[2] ?? 7));

/** Answers every path with the same bytes and the headers of an object store. */
function serve(): void {
  const body = Buffer.alloc(BYTES, 7);
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'content-length': BYTES,
      etag: '"e"',
      'last-modified': new Date(0).toUTCString(),
      'x-amz-request-id': 'A',
    });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
}

async function main(rounds: number): Promise<void> {
  const origin = fork(self, ['origin'], { execArgv: process.execArgv });
  const [port] = (await once(origin, 'message')) as [number];
  const base = `http://127.0.0.1:${port}`;
  const storage = await openStorage(`${base}/`, { forbiddenMeansAbsent: false, onCall: () => {} });
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const tiles = new TileBytes({ source: storage.source, maxTileBytes: 1e6 });
  const contenders: Record<string, (i: number) => Promise<number>> = {
    'bare undici': async (i) => {
      const { body } = await agent.request({ origin: base, path: `/n${i}`, method: 'GET' });
      return (await body.arrayBuffer()).byteLength;
    },
    'origin pipeline': async (i) => (await storage.source.read(`n${i}`, { maxBytes: 1e6 }))!.bytes.length,
    'tile, from the pipeline': async (i) => {
      const address = { cloud: 'c', version: 'v', node: `${i}`, path: `n${i}`, range: null };
      return (await tiles.read(address))!.bytes.length;
    },
  };
  const costs = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    const entries = Object.entries(contenders);
    if (round % 2 === 1) entries.reverse();
    for (const [name, read] of entries) {
      const before = process.cpuUsage();
      let next = 0;
      const work = async () => {
        while (next < READS_PER_ROUND)
          if ((await read(next++)) !== BYTES) throw new Error('a read came back with another length');
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, work));
      const { user, system } = process.cpuUsage(before);
      // The first round warms up.
      if (round > 0) costs.get(name)!.push((user + system) / READS_PER_ROUND);
    }
  }
  console.log(machineLine());
  for (const [name, values] of costs)
    console.log(
      `${name.padEnd(24)} ${medianOf(values).toFixed(0).padStart(5)} us of CPU a read of ${BYTES} bytes`,
    );
  await Promise.all([storage.close(), agent.close()]);
  origin.kill();
}
