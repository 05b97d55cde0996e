/** The HTTP source through a real CDN: nginx with a cache, in front of a server of tiles. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  breakOff,
  CONFORMANCE_FILES,
  describeByteSource,
  findComponent,
  ObjectServer,
  type RunningComponent,
  startNginx,
  status,
} from '../testing/index.ts';
import { isLoop } from './cdn-loop.ts';
import { HttpSource, type HttpSourceOptions } from './http-source.ts';

const program = findComponent('nginx');

/** As docs advise: one fetch for all who wait, nothing kept but good answers and those for a while. */
const CACHED = (origin: string) => `
  location / {
    proxy_pass ${origin};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_cache tiles;
    proxy_cache_lock on;
    proxy_cache_valid 200 1h;
    proxy_buffering on;
  }`;

describe.skipIf(program === null)('nginx as the CDN', () => {
  let origin: ObjectServer;
  let cdn: RunningComponent;
  const open: HttpSource[] = [];

  beforeEach(async () => {
    origin = await ObjectServer.start('/tiles');
    cdn = await startNginx(program!, CACHED(origin.origin));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.close()));
    await cdn.stop();
    await origin.stop();
  });

  const instance = (options: Partial<HttpSourceOptions> = {}) => {
    const source = new HttpSource({
      base: `${cdn.origin}/tiles`,
      backoffMs: 0,
      headersTimeoutMs: 20_000,
      ...options,
    });
    open.push(source);
    return source;
  };

  // nginx serves what it has cached; a store behind it that is replaced is seen under a new path, as versions
  // have one.
  describeByteSource('HttpSource', async () => {
    const store = await ObjectServer.start('/tiles');
    for (const [path, bytes] of CONFORMANCE_FILES) store.put(path, bytes);
    const proxy = await startNginx(
      program!,
      `location / { proxy_pass ${store.origin}; proxy_http_version 1.1; }`,
    );
    const source = new HttpSource({ base: `${proxy.origin}/tiles`, headersTimeoutMs: 20_000 });
    return {
      source,
      replace: async (path, bytes) => store.put(path, bytes),
      close: async () => {
        await source.close();
        await proxy.stop();
        await store.stop();
      },
    };
  });

  it('many instances, one fetch from the origin', async () => {
    const tile = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 3) & 255);
    origin.put('~v1/cloud/nodes/0-0-0-0', tile);
    const instances = Array.from({ length: 8 }, () => instance());
    const reads = await Promise.all(
      instances.flatMap((one) => [one, one, one]).map((one) => one.read('~v1/cloud/nodes/0-0-0-0')),
    );
    for (const read of reads) expect(Buffer.compare(read!.bytes, tile)).toBe(0);
    expect(origin.requests.length).toBe(1);
  });

  it('cached objects have ranges and validators', async () => {
    origin.put('x', Buffer.from('0123456789'), '"x"');
    const source = instance();
    await source.read('x');
    const part = await source.read('x', { range: { offset: 2, length: 3 }, ifMatch: '"x"' });
    expect(Buffer.from(part!.bytes).toString()).toBe('234');
    await expect(source.read('x', { ifMatch: '"y"' })).rejects.toMatchObject({ code: 'cloud_changed' });
    await expect(source.read('x', { range: { offset: 8, length: 3 } })).rejects.toMatchObject({
      code: 'range_not_satisfiable',
    });
    expect(origin.requests.length).toBe(1);
  });

  it('failures are not kept by the CDN, and an origin that breaks off gives no short tile', async () => {
    origin.put('x', new Uint8Array(100_000).fill(7), '"x"');
    const source = instance({ maxAttempts: 1 });
    origin.faults.push(
      status(503),
      status(404),
      breakOff(new Uint8Array(50_000), 100_000, 'reset', { etag: '"x"' }),
    );
    await expect(source.read('x')).rejects.toMatchObject({ code: 'source_unavailable' });
    expect(await source.read('x')).toBeNull();
    await expect(source.read('x')).rejects.toMatchObject({ code: 'source_unavailable' });
    expect((await source.read('x'))?.bytes).toEqual(new Uint8Array(100_000).fill(7));
  });

  it('marks reach the origin through it', async () => {
    origin.put('x', 'x');
    const source = instance();
    await source.read('x');
    const { headers } = origin.requests[0]!;
    const marks = { cdnLoop: headers['cdn-loop'] as string, via: headers.via };
    expect(isLoop(source.loopToken, marks)).toBe(true);
    expect(isLoop(new HttpSource({ base: 'http://elsewhere/tiles' }).loopToken, marks)).toBe(false);
  });
});

describe.skipIf(program === null)('an instance whose CDN leads back to it', () => {
  let server: Server;
  let cdn: RunningComponent;
  let source: HttpSource;
  let requests = 0;

  beforeEach(async () => {
    requests = 0;
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      requests += 1;
      const { headers } = request;
      if (
        isLoop(source.loopToken, { cdnLoop: headers['cdn-loop'] as string | undefined, via: headers.via })
      ) {
        response.writeHead(508).end();
        return;
      }
      const code = await source.read('x').then(
        () => 200,
        () => 502,
      );
      response.writeHead(code).end();
    };
    server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    cdn = await startNginx(program!, CACHED(`http://127.0.0.1:${port}`));
    source = new HttpSource({ base: cdn.origin, maxAttempts: 1, headersTimeoutMs: 20_000 });
  });
  afterEach(async () => {
    await source.close();
    await cdn.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('finds out at the first turn', async () => {
    const response = await fetch(`${cdn.origin}/y`);
    expect(response.status).toBe(502);
    await response.text();
    expect(requests).toBe(2);
  });
});
