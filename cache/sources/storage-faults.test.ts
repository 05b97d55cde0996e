/**
 * All of it together, against a server that does everything wrong that servers do: HTTP source, second reads,
 * disk tier, one fetch for all who wait. Every read ends with the right bytes or with an error of the
 * contract, within its deadline.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DiskTier } from '../disk/index.ts';
import { isNearboxError } from '../foundation/index.ts';
import {
  breakOff,
  type Fault,
  ignoreIfMatch,
  ignoreRange,
  ObjectServer,
  reset,
  stall,
  status,
} from '../testing/index.ts';
import { TileBytes } from '../tiles/index.ts';
import { HttpSource } from './http-source.ts';

const NODES = 24;
const SIZE = 20_000;
const PACK = 'cloud/octree.bin';

const packs = new Map<number, Uint8Array>();

/** The octree file of a version: all nodes one after the other. */
function pack(version: number): Uint8Array {
  const bytes =
    packs.get(version) ??
    Uint8Array.from({ length: NODES * SIZE }, (_, i) => (i * 7 + (i >> 11) + version * 101) & 255);
  packs.set(version, bytes);
  return bytes;
}

const good: Fault = (_request, _response, serve) => serve();

/** Serves well, but the object is replaced before its body goes out. */
const swap =
  (server: ObjectServer, to: number): Fault =>
  (_request, _response, serve) => {
    server.put(PACK, pack(to), `"v${to}"`);
    serve();
  };

const drip: Fault = (_request, response) => {
  response.writeHead(206, {
    'content-range': `bytes 0-${SIZE - 1}/${NODES * SIZE}`,
    'content-length': SIZE,
    etag: '"v1"',
  });
  const timer = setInterval(() => response.write('x'), 5);
  response.on('close', () => clearInterval(timer));
};

const short206 = breakOff(new Uint8Array(100), 100, 'stall', {
  'content-range': `bytes 0-99/${NODES * SIZE}`,
  etag: '"v1"',
});

const FAULTS: Record<string, Fault> = {
  '200 for a range': ignoreRange,
  'short 206': short206,
  '503': status(503),
  '403': status(403),
  '416': status(416),
  '412': status(412),
  'slow drip': drip,
  stall,
  reset,
  'reset in the body': breakOff(new Uint8Array(500), SIZE, 'reset', {
    'content-range': `bytes 0-${SIZE - 1}/${NODES * SIZE}`,
    etag: '"v1"',
  }),
  'no If-Match': ignoreIfMatch,
};

const CONTRACT = new Set(['source_unavailable', 'cloud_changed', 'range_not_satisfiable']);

it.each([1, 2, 3])('ends well or in an error of the contract, whatever happens (%i)', async (seed) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-faults-'));
  const server = await ObjectServer.start('/clouds');
  server.put(PACK, pack(1), '"v1"');
  const source = new HttpSource(
    {
      base: server.base,
      headersTimeoutMs: 300,
      bodyTimeoutMs: 300,
      timeoutMs: 2000,
      backoffMs: 1,
      maxConnections: 8,
    },
    { hedge: { minSamples: 5, minDelayMs: 1, maxDelayMs: 30 } },
  );
  const disk = DiskTier.open({ folder, readTimeoutMs: 5000 });
  const tiles = new TileBytes({ source, disk });
  const kinds = Object.values(FAULTS);
  let version = 1;
  let state = seed;
  const next = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const read = async (node: number, now: number) => {
    const address = { cloud: 'cloud', version: `v${now}`, node: `${node}`, path: PACK };
    try {
      const range = { offset: node * SIZE, length: SIZE };
      const tile = await tiles.read({ ...address, range }, { ifMatch: `"v${now}"` });
      const expected = pack(now).subarray(node * SIZE, (node + 1) * SIZE);
      expect(Buffer.compare(tile!.bytes, expected), `node ${node} of version ${now}`).toBe(0);
      tile?.keep();
      return 'right';
    } catch (error) {
      if (!isNearboxError(error) || !CONTRACT.has(error.code)) throw error;
      if (process.env.DEBUG_FAULTS) console.log(error.message);
      return error.code;
    }
  };
  try {
    const outcomes: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      const isSwap = round % 4 === 3;
      const asked = version;
      if (isSwap) version += 1;
      for (let i = 0; i < 6; i += 1) {
        const fault =
          isSwap && i === 3 ? swap(server, version) : next(3) === 0 ? good : kinds[next(kinds.length)]!;
        server.faults.push(fault);
      }
      outcomes.push(...(await Promise.all(Array.from({ length: 16 }, () => read(next(NODES), asked)))));
      if (isSwap) server.put(PACK, pack(version), `"v${version}"`);
    }
    server.faults.length = 0;
    // Nothing stays broken: each node can be read again, if not by the first call on a machine that is short
    // of time.
    for (let node = 0; node < NODES; node += 1) while ((await read(node, version)) !== 'right');
    expect(outcomes.filter((outcome) => outcome === 'right').length).toBeGreaterThan(outcomes.length / 8);
    expect(tiles.stats().inFlight).toBe(0);
    await disk.idle();
    expect(disk.stats()).toMatchObject({ corrupt: 0 });
  } finally {
    await source.close();
    await disk.close();
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
