/**
 * Instances that read nodes through a CDN which is in front of themselves: a real nginx with a cache, real
 * servers, an origin that counts.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loopHeaders, PEER_TOKEN } from '../../cache/index.ts';
import {
  findComponent,
  freePort,
  ObjectServer,
  type RunningComponent,
  startNginx,
} from '../../cache/testing/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { clicker, demoFiles, demoPlaces, tilesRead } from '../testing/index.ts';
import { startServer } from './server.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const nginx = findComponent('nginx');

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** As docs/storage.md advises. */
const CDN = (origin: string) => `
  location /tiles/ {
    proxy_pass ${origin};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_cache tiles;
    proxy_cache_lock on;
    proxy_cache_lock_timeout 60s;
    proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
  }`;

async function cdnFor(port: number): Promise<RunningComponent> {
  const cdn = await startNginx(nginx!, CDN(`http://127.0.0.1:${port}`));
  ends.push(() => cdn.stop());
  return cdn;
}

async function serve(raw: Record<string, string>) {
  const config = parseServeConfig({
    // What clicks read is counted here, and nothing besides.
    readAheadPoints: '0',
    shards: '0',
    port: '0',
    timeoutMs: '60000',
    maxTimeoutMs: '60000',
    upstreamHedgeAfterMs: '60000',
    storageTimeoutMs: '60000',
    ...raw,
  });
  const server = await startServer(config, silentLog);
  ends.push(() => server.close());
  return { server, click: clicker(server.url), stats: () => server.services.reader.stats() };
}

async function demoOrigin(): Promise<ObjectServer> {
  const origin = await ObjectServer.start('/clouds');
  ends.push(() => origin.stop());
  for (const cloud of ['000000', '000001'])
    for (const [name, bytes] of await demoFiles(cloud)) origin.put(name, bytes);
  return origin;
}

describe.skipIf(nginx === null)('read-through', () => {
  it('two instances behind their own CDN read each tile from the origin once; without the CDN they go on', async () => {
    const origin = await demoOrigin();
    const port = await freePort();
    const cdn = await cdnFor(port);
    const options = { clouds: origin.base, tilesUrl: `${cdn.origin}/tiles` };
    // The CDN asks the first of them, which itself reads through the CDN.
    const instances = [await serve({ ...options, port: `${port}` }), await serve(options)];
    const places = demoPlaces(8);
    const costs = await Promise.all(places.flatMap((place) => instances.map(({ click }) => click(place))));
    for (const cost of costs) expect(cost.memory + cost.origin).toBe(cost.nodes);

    const counts = tilesRead(origin);
    expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
    const [first, second] = instances.map(({ stats }) => stats().bytes);
    // Every tile came to both by way of the CDN, but for those that the first one had just read for the CDN
    // when it needed them itself.
    expect(second!.upstreams?.cdn?.reads).toBe(counts.size);
    expect(first!.upstreams?.cdn?.reads).toBeGreaterThan(0);
    expect(first!.upstreams?.cdn?.reads).toBeLessThanOrEqual(counts.size);
    expect([first!.originReads, second!.originReads]).toEqual([counts.size, 0]);

    await cdn.stop();
    const alone = await instances[1]!.click(demoPlaces(1, '000001')[0]!, '000001');
    expect(alone.origin).toBe(alone.nodes);
    expect(instances[1]!.stats().bytes.originReads).toBe(alone.nodes);
  });

  it('a node’s URL holds for ever, is whole, and is served to other instances without asking in turn', async () => {
    const origin = await demoOrigin();
    const { server } = await serve({ clouds: origin.base, tilesUrl: 'http://127.0.0.1:9/tiles' });
    const cloud = (await (await fetch(`${server.url}/v1/clouds/000000`)).json()) as { version: string };
    const url = `${server.url}/tiles/~${cloud.version}/000000/nodes/0-0-0-0`;
    for (const mark of [loopHeaders(PEER_TOKEN), loopHeaders(server.services.loops.upstreams[1]!)]) {
      const response = await fetch(url, { headers: mark });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toContain('immutable');
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(bytes).toEqual(new Uint8Array(origin.objects.get('000000/ept-data/0-0-0-0.zst')!.bytes));
    }
    expect(server.services.reader.stats().bytes.originReads).toBe(1);
  });

  it('an instance whose clouds are its own CDN finds out at the first turn', async () => {
    const port = await freePort();
    const cdn = await cdnFor(port);
    const { server } = await serve({ clouds: `${cdn.origin}/tiles`, port: `${port}` });
    const response = await fetch(`${server.url}/v1/clouds/000000`);
    const problem = (await response.json()) as { code: string; detail: string };
    expect([response.status, problem.code]).toEqual([502, 'source_unavailable']);
    expect(problem.detail).toContain('508');

    const { 'cdn-loop': cdnLoop, via } = loopHeaders(server.services.loops.clouds!);
    const marks: Record<string, string>[] = [{ 'cdn-loop': cdnLoop }, { via: `1.1 cdn, ${via}` }];
    for (const headers of marks) {
      const refused = await fetch(`${server.url}/tiles/000000/ept.json`, { headers });
      expect(refused.status).toBe(508);
      expect(await refused.json()).toMatchObject({ code: 'loop_detected' });
    }
  });

  it('an instance without a storage of its own: everything through the CDN of others, which may be gone for a while', async () => {
    const origin = await demoOrigin();
    const port = await freePort();
    const upstream = await serve({ clouds: origin.base, port: `${port}` });
    const cdn = await cdnFor(port);
    const base = `${cdn.origin}/tiles`;
    const edge = await serve({ clouds: base, tilesUrl: base, versionTtlMs: '0' });
    const place = demoPlaces(1)[0]!;
    const cold = await edge.click(place);
    expect(edge.stats().bytes.upstreams?.cdn?.reads).toBe(cold.nodes);

    // The one version that is known stays good while neither the storage nor the instances answer.
    await upstream.server.close();
    await cdn.stop();
    const warm = await edge.click(place);
    expect(warm.memory).toBe(warm.nodes);
    const gone = await fetch(`${edge.server.url}/v1/clouds/000001`);
    expect(gone.status).toBe(502);
  });
});
