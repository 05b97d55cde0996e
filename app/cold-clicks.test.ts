/** Many clicks at once on a cloud that nobody has read yet: its tiles leave the origin once and are decoded once. Counted at the origin. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findComponent, startVersitygw } from '../cache/testing/components.ts';
import { ObjectServer } from '../cache/testing/object-server.ts';
import { parseServeConfig } from './config.ts';
import { silentLog } from './log.ts';
import { startServer } from './server.ts';
import { DEMO_CLOUDS } from './services.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CLOUD = '000000';
const CLICKS = 64;

interface Cost {
  readonly nodes: number;
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  readonly origin: number;
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Places on the objects of the demo's first frame, each a bit beside the one before. */
function places(): [number, number, number][] {
  const { frames } = JSON.parse(readFileSync(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: { id: string; objects: { center: [number, number, number]; numPoints: number }[] }[];
  };
  const objects = frames.find(({ id }) => id === CLOUD)!.objects.filter(({ numPoints }) => numPoints > 50);
  return Array.from({ length: CLICKS }, (_, i) => {
    const [x, y, z] = objects[i % objects.length]!.center;
    return [x + 0.01 * Math.floor(i / objects.length), y, z];
  });
}

async function demoFiles(): Promise<[string, Uint8Array][]> {
  const names = await readdir(path.join(DEMO_CLOUDS, CLOUD), { recursive: true, withFileTypes: true });
  return Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(DEMO_CLOUDS, file), await readFile(file)] as [string, Uint8Array];
      }),
  );
}

async function serve(raw: Record<string, string>) {
  const server = await startServer(
    parseServeConfig({ port: '0', timeoutMs: '60000', maxTimeoutMs: '60000', ...raw }),
    silentLog,
  );
  ends.push(() => server.close());
  const click = async (position: [number, number, number]): Promise<Cost> => {
    const response = await fetch(`${server.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: CLOUD, region: { type: 'click', position } }),
    });
    const body = (await response.json()) as { cost: Cost; detail?: string };
    expect(response.status, body.detail).toBe(200);
    return body.cost;
  };
  return { server, click };
}

/** Asks all at once; `fetched` then says how often each path of a tile was read from the origin. */
async function expectOnce(
  { server, click }: Awaited<ReturnType<typeof serve>>,
  fetched: () => Promise<Map<string, number>>,
) {
  const costs = await Promise.all(places().map(click));
  const { decoders, tiles, bytes } = server.services.reader.stats();
  const counts = await fetched();
  expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
  expect(counts.size).toBe(tiles.entries);
  expect(decoders.finished).toBe(tiles.entries);
  expect(bytes).toMatchObject({ originReads: tiles.entries, inFlight: 0 });
  for (const { nodes, memory, disk, origin } of costs) expect(memory + disk + origin).toBe(nodes);
  // What one of them fetched is in the bytes of that one alone.
  const files = new Map(await demoFiles());
  const all = [...files].filter(([name]) => counts.has(name) || /ept\.json|ept-hierarchy/.test(name));
  expect(costs.reduce((sum, cost) => sum + cost.bytes, 0)).toBe(
    all.reduce((sum, [, content]) => sum + content.length, 0),
  );
  const again = await Promise.all(places().map(click));
  expect(again.every((cost) => cost.memory === cost.nodes && cost.bytes === 0)).toBe(true);
  expect(await fetched()).toEqual(counts);
  return counts.size;
}

const isTile = (name: string) => name.includes('/ept-data/');

function tally(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) if (isTile(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe(`${CLICKS} clicks at once on one cold cloud`, () => {
  it('over HTTP, with a disk tier: each tile is fetched once, decoded once, written once; none again after a restart', async () => {
    const origin = await ObjectServer.start('/clouds');
    const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-cold-'));
    ends.push(
      () => origin.stop(),
      () => rm(folder, { recursive: true }),
    );
    for (const [name, bytes] of await demoFiles()) origin.put(name, bytes);
    const fetched = async () =>
      tally(origin.requests.filter(({ method }) => method === 'GET').map(({ path: name }) => name));

    const options = { clouds: origin.base, diskCache: folder, diskTimeoutMs: '60000' };
    const first = await serve(options);
    const tiles = await expectOnce(first, fetched);
    await first.server.close();
    const { disk } = first.server.services.reader.stats();
    expect(disk).toMatchObject({ writes: tiles, entries: tiles, failures: 0 });

    const counts = await fetched();
    const second = await serve(options);
    const costs = await Promise.all(places().map(second.click));
    expect(costs.some((cost) => cost.disk > 0)).toBe(true);
    expect(costs.every((cost) => cost.origin === 0)).toBe(true);
    expect(await fetched()).toEqual(counts);
    expect(second.server.services.reader.stats()).toMatchObject({
      disk: { hits: tiles, corrupt: 0 },
      decoders: { finished: tiles },
    });
  });

  const versitygw = findComponent('versitygw');
  it.skipIf(versitygw === null)('over S3, by the server’s own access log', async () => {
    const s3 = await startVersitygw(versitygw!);
    ends.push(() => s3.stop());
    const client = new S3Client({
      endpoint: s3.origin,
      region: 'us-east-1',
      credentials: s3.credentials,
      forcePathStyle: true,
    });
    await client.send(new CreateBucketCommand({ Bucket: 'clouds' }));
    for (const [Key, Body] of await demoFiles())
      await client.send(new PutObjectCommand({ Bucket: 'clouds', Key, Body }));
    client.destroy();
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.origin);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', s3.credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.credentials.secretAccessKey);
    ends.push(async () => vi.unstubAllEnvs());
    const server = await serve({ clouds: 's3://clouds' });
    await expectOnce(server, async () => tally(await s3.objectsRead()));
  });
});
