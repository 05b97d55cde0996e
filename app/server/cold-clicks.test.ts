/**
 * Many clicks at once on a cloud that nobody has read yet: its tiles leave the origin once and are decoded
 * once. Counted at the origin.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findComponent, ObjectServer, startVersitygw } from '../../cache/testing/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { clicker, demoFiles, demoPlaces, tallyTiles, tilesRead } from '../testing/index.ts';
import { startServer } from './server.ts';

const CLICKS = 64;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(raw: Record<string, string>) {
  const config = parseServeConfig({
    shards: '0',
    port: '0',
    timeoutMs: '60000',
    maxTimeoutMs: '60000',
    storageTimeoutMs: '60000',
    ...raw,
  });
  const server = await startServer(config, silentLog);
  ends.push(() => server.close());
  return { server, click: clicker(server.url) };
}

/** Asks all at once; `fetched` then says how often each path of a tile was read from the origin. */
async function expectOnce(
  { server, click }: Awaited<ReturnType<typeof serve>>,
  fetched: () => Promise<Map<string, number>>,
) {
  const costs = await Promise.all(demoPlaces(CLICKS).map((place) => click(place)));
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
  const again = await Promise.all(demoPlaces(CLICKS).map((place) => click(place)));
  expect(again.every((cost) => cost.memory === cost.nodes && cost.bytes === 0)).toBe(true);
  expect(await fetched()).toEqual(counts);
  return counts.size;
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
    const fetched = async () => tilesRead(origin);

    const options = { clouds: origin.base, diskCache: folder, diskTimeoutMs: '60000' };
    const first = await serve(options);
    const tiles = await expectOnce(first, fetched);
    const disk = () => first.server.services.reader.stats().disk;
    await vi.waitFor(() => expect(disk()?.writes).toBe(tiles), { timeout: 60_000 });
    await first.server.close();
    expect(disk()).toMatchObject({ writes: tiles, entries: tiles, failures: 0 });

    const counts = await fetched();
    const second = await serve(options);
    const costs = await Promise.all(demoPlaces(CLICKS).map((place) => second.click(place)));
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
    await expectOnce(server, async () => tallyTiles(await s3.objectsRead()));
  });
});

describe('a first click over HTTP', () => {
  const looks = (origin: ObjectServer) =>
    origin.requests.filter(({ method, path }) => method === 'HEAD' && path.startsWith('000000/ept')).length;

  it.each([
    ['an object store is not followed by a look at the version', { 'x-amz-request-id': '1' }, {}, 0],
    ['a web server is', {}, {}, 2],
    ['a web server whose dates are trusted is not', {}, { storageDates: 'trusted' }, 0],
    ['an object store whose dates are not is', { 'x-amz-request-id': '1' }, { storageDates: 'ignored' }, 2],
  ])('of %s', async (_, headers, options, expected) => {
    const origin = await ObjectServer.start('/clouds');
    ends.push(() => origin.stop());
    const dates = { 'last-modified': 'Mon, 02 Mar 2026 10:00:00 GMT' };
    for (const [name, bytes] of await demoFiles())
      origin.objects.set(name, { bytes, etag: `"${name}"`, headers: { ...dates, ...headers } });
    const { click } = await serve({ clouds: origin.base, ...options });
    const [place] = demoPlaces(1);
    expect((await click(place!)).origin).toBeGreaterThan(5);
    if (expected === 0) expect(looks(origin)).toBe(0);
    else expect(looks(origin)).toBeGreaterThanOrEqual(expected);
  });
});
