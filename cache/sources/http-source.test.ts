import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  breakOff,
  CONFORMANCE_FILES,
  deferred,
  describeByteSource,
  ignoreIfMatch,
  ignoreRange,
  ObjectServer,
  reset,
  stall,
  status,
} from '../testing/index.ts';
import { HttpSource, type HttpSourceOptions } from './http-source.ts';

const TEN = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

let server: ObjectServer;
const open: HttpSource[] = [];

beforeEach(async () => {
  server = await ObjectServer.start('/clouds');
  server.put('a/ten.bin', TEN, '"ten"');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
  await server.stop();
});

function source(options: Partial<HttpSourceOptions> = {}): HttpSource {
  const made = new HttpSource({ base: server.base, backoffMs: 0, ...options });
  open.push(made);
  return made;
}

describeByteSource('HttpSource', async () => {
  const store = await ObjectServer.start('/clouds');
  for (const [path, bytes] of CONFORMANCE_FILES) store.put(path, bytes);
  const http = new HttpSource({ base: store.base });
  return {
    source: http,
    replace: async (path, bytes) => store.put(path, bytes),
    close: async () => {
      await http.close();
      await store.stop();
    },
  };
});

describe('reads', () => {
  it('gives whole objects, over a buffer of their own', async () => {
    const object = await source().read('a/ten.bin');
    expect(object).toEqual({ bytes: TEN, size: 10, etag: '"ten"' });
    expect(object?.bytes.buffer.byteLength).toBe(10);
  });

  it('gives a range and the size of the whole', async () => {
    const object = await source().read('a/ten.bin', { range: { offset: 3, length: 4 }, ifMatch: '"ten"' });
    expect(object).toEqual({ bytes: TEN.subarray(3, 7), size: 10, etag: '"ten"' });
    expect(server.requests[0]?.headers).toMatchObject({ range: 'bytes=3-6', 'if-match': '"ten"' });
  });

  it('gives an empty range without asking for one', async () => {
    const object = await source().read('a/ten.bin', { range: { offset: 10, length: 0 } });
    expect(object).toEqual({ bytes: new Uint8Array(0), size: 10, etag: '"ten"' });
    expect(server.requests.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('stats', async () => {
    expect(await source().stat('a/ten.bin')).toEqual({ size: 10, etag: '"ten"' });
    expect(await source().stat('a/none.bin')).toBeNull();
  });

  it('takes chunked answers up to the limit', async () => {
    const chunked = () =>
      server.faults.push((_request, response) => {
        response.writeHead(200, { etag: '"c"' });
        response.write('abc');
        response.end('def');
      });
    chunked();
    expect(await source().read('x')).toEqual({
      bytes: new Uint8Array(Buffer.from('abcdef')),
      size: 6,
      etag: '"c"',
    });
    chunked();
    await expect(source().read('x', { maxBytes: 5 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
      limit: 5,
    });
  });

  it('encodes what a URL would read as something else', async () => {
    server.put('a b/ü%2e%2e?#;.bin', TEN);
    expect((await source().read('a b/ü%2e%2e?#;.bin'))?.size).toBe(10);
    expect(server.requests[0]?.url).toBe('/clouds/a%20b/%C3%BC%252e%252e%3F%23%3B.bin');
  });

  it.each(['../x', '/x', 'a//b', 'a/./b', 'http://other/x', 'a\\b', ''])(
    'refuses the path %j',
    async (path) => {
      if (path === 'http://other/x') path = 'http:/../other';
      await expect(source().read(path)).rejects.toMatchObject({ code: 'invalid_request' });
      expect(server.requests).toEqual([]);
    },
  );

  it('uses connections again, after 404 as well', async () => {
    const http = source();
    for (let i = 0; i < 20; i += 1) await http.read(i % 2 === 0 ? 'a/ten.bin' : 'none');
    // The next read may begin a tick before the connection is free again.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('keeps within its connections', async () => {
    const http = source({ maxConnections: 2 });
    const all = await Promise.all(Array.from({ length: 20 }, () => http.read('a/ten.bin')));
    expect(all.every((object) => object?.size === 10)).toBe(true);
    expect(server.connections).toBeLessThanOrEqual(2);
  });
});

describe('answers that are not what was asked for', () => {
  it.each([
    ['404', status(404)],
    ['410', status(410)],
  ])('%s is absent', async (_name, fault) => {
    server.faults.push(fault);
    expect(await source().read('a/ten.bin')).toBeNull();
  });

  it('403 is a failure, or absent if it was said so', async () => {
    server.faults.push(status(403), status(403));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({ code: 'source_unavailable' });
    expect(await source({ forbiddenMeansAbsent: true }).read('a/ten.bin')).toBeNull();
  });

  it('200 for a range is refused, without taking in the object', async () => {
    server.put('large.bin', new Uint8Array(8_000_000));
    server.faults.push(ignoreRange);
    await expect(source().read('large.bin', { range: { offset: 0, length: 4 } })).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('does not do ranges'),
    });
    expect(server.requests.length).toBe(1);
  });

  it.each([
    ['another range', 'bytes 0-3/10'],
    ['a shorter range', 'bytes 2-4/10'],
    ['a range of nowhere', 'bytes 2-5/*'],
    ['no range', undefined],
    ['nonsense', 'bytes 5-2/10'],
  ])('206 with %s is refused', async (_name, contentRange) => {
    const wrong = breakOff(TEN.subarray(0, 4), 4, 'stall', {
      'content-range': contentRange ?? '',
      etag: '"ten"',
    });
    server.faults.push(wrong, wrong, wrong);
    await expect(source().read('a/ten.bin', { range: { offset: 2, length: 4 } })).rejects.toMatchObject({
      code: 'source_unavailable',
    });
  });

  it('a range past the end is range_not_satisfiable, wholly or in part', async () => {
    const http = source();
    for (const range of [
      { offset: 10, length: 1 },
      { offset: 8, length: 4 },
      { offset: -1, length: 4 },
      { offset: 0.5, length: 4 },
    ]) {
      await expect(http.read('a/ten.bin', { range })).rejects.toMatchObject({
        code: 'range_not_satisfiable',
      });
    }
  });

  it('412 is cloud_changed', async () => {
    await expect(source().read('a/ten.bin', { ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
  });

  it('so is 416 where 412 is due (minio/minio#7292, R2)', async () => {
    server.faults.push(status(416));
    await expect(
      source().read('a/ten.bin', { range: { offset: 20, length: 5 }, ifMatch: '"longer"' }),
    ).rejects.toMatchObject({ code: 'cloud_changed' });
  });

  it('so is another validator from a server that does not know If-Match, or none', async () => {
    server.faults.push(ignoreIfMatch);
    await expect(source().read('a/ten.bin', { ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
    server.put('a/ten.bin', TEN, null);
    server.faults.push(ignoreIfMatch);
    await expect(source().read('a/ten.bin', { ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
  });

  it('a weak validator is none', async () => {
    server.put('weak', TEN, 'W/"x"');
    expect((await source().read('weak'))?.etag).toBeNull();
    expect((await source().stat('weak'))?.etag).toBeNull();
  });

  it('an encoded body is refused', async () => {
    server.faults.push(status(200, { 'content-encoding': 'gzip', 'content-length': 3 }));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      message: expect.stringContaining('Content-Encoding gzip'),
    });
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it.each([301, 302, 307, 308])('a redirect (%i) is refused', async (code) => {
    server.faults.push(status(code, { location: 'http://169.254.169.254/latest/meta-data' }));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('redirects are not followed'),
    });
  });

  it('an object over the limit is not taken in', async () => {
    await expect(source().read('a/ten.bin', { maxBytes: 9 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
      size: 10,
    });
    await expect(source({ maxReadBytes: 9 }).read('a/ten.bin')).rejects.toMatchObject({
      name: 'ObjectTooLarge',
    });
  });

  it('a body without an end that can be told is refused', async () => {
    server.faults.push((request) => {
      request.socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc');
    });
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      message: expect.stringContaining('does not say how long'),
    });
  });
});

describe('retries', () => {
  it.each([
    ['503', status(503)],
    ['500', status(500)],
    ['429 that says when', status(429, { 'retry-after': '0' })],
    ['a reset connection', reset],
    ['a body that breaks off', breakOff(TEN.subarray(0, 5), 10, 'reset')],
  ])('%s is tried again, on a new connection', async (_name, fault) => {
    server.faults.push(fault);
    expect((await source().read('a/ten.bin'))?.bytes).toEqual(TEN);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('a range that came short is tried again', async () => {
    server.faults.push(
      breakOff(TEN.subarray(2, 4), 2, 'stall', { 'content-range': 'bytes 2-3/10', etag: '"ten"' }),
    );
    const object = await source().read('a/ten.bin', { range: { offset: 2, length: 4 } });
    expect(object?.bytes).toEqual(TEN.subarray(2, 6));
  });

  it('ends after its attempts', async () => {
    server.faults.push(...Array.from({ length: 9 }, () => status(503)));
    await expect(source({ maxAttempts: 3 }).read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
    });
    expect(server.requests.length).toBe(3);
  });

  it('does not wait for a storage that asks for long', async () => {
    server.faults.push(status(503, { 'retry-after': '120' }));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({ code: 'source_unavailable' });
    expect(server.requests.length).toBe(1);
  });

  it('stays within its budget in an outage', async () => {
    server.faults.push(...Array.from({ length: 100 }, () => status(503)));
    const http = source({ retryBudget: { ratio: 0, burst: 5 } });
    const reads = await Promise.allSettled(Array.from({ length: 20 }, () => http.read('a/ten.bin')));
    expect(reads.every(({ status }) => status === 'rejected')).toBe(true);
    expect(server.requests.length).toBe(25);
  });

  it.each([400, 401, 403, 416])('%i is not tried again', async (code) => {
    server.faults.push(status(code));
    await expect(source().read('a/ten.bin')).rejects.toBeInstanceOf(Error);
    expect(server.requests.length).toBe(1);
  });

  it('a refused connection is source_unavailable', async () => {
    const base = server.base;
    await server.stop();
    const http = new HttpSource({ base, backoffMs: 0 });
    open.push(http);
    await expect(http.read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    server = await ObjectServer.start('/clouds');
  });
});

describe('deadlines', () => {
  it('a stalled answer is given up and tried again', async () => {
    server.faults.push(stall);
    expect((await source({ headersTimeoutMs: 100 }).read('a/ten.bin'))?.bytes).toEqual(TEN);
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
  });

  it('a stalled body is given up and tried again', async () => {
    server.faults.push(breakOff(TEN.subarray(0, 5), 10, 'stall'));
    expect((await source({ bodyTimeoutMs: 100 }).read('a/ten.bin'))?.bytes).toEqual(TEN);
    expect(server.requests.length).toBeGreaterThanOrEqual(2);
  });

  it('the whole call has an end, whatever drips', async () => {
    server.faults.push((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      const drip = setInterval(() => response.write('x'), 2);
      response.on('close', () => clearInterval(drip));
    });
    await expect(source({ timeoutMs: 60 }).read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('no answer within 60 ms'),
    });
  });

  it('a caller that leaves is released at once and its connection closed', async () => {
    const arrived = deferred();
    const closed = deferred();
    server.faults.push((request) => {
      request.socket.on('close', closed.resolve);
      arrived.resolve();
    });
    const controller = new AbortController();
    const read = source().read('a/ten.bin', { signal: controller.signal });
    await arrived.promise;
    controller.abort(new Error('gone'));
    await expect(read).rejects.toThrow('gone');
    await closed.promise;
    expect(server.requests.length).toBe(1);
  });

  it('a caller that leaves in the middle of a body closes its connection', async () => {
    const closed = deferred();
    const controller = new AbortController();
    server.faults.push((request, response) => {
      request.socket.on('close', closed.resolve);
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x', () => controller.abort(new Error('gone')));
    });
    await expect(source().read('a/ten.bin', { signal: controller.signal })).rejects.toThrow('gone');
    await closed.promise;
  });

  it('failures of every kind leave no connection taken', async () => {
    const http = source({ maxConnections: 1, headersTimeoutMs: 300, bodyTimeoutMs: 300, maxAttempts: 1 });
    server.put('large.bin', new Uint8Array(3_000_000));
    server.faults.push(
      ignoreRange,
      reset,
      stall,
      status(503),
      breakOff(TEN, 20, 'stall'),
      breakOff(TEN, 20, 'reset'),
    );
    for (let i = 0; i < 6; i += 1) {
      await expect(http.read('large.bin', { range: { offset: 0, length: 10 } })).rejects.toBeInstanceOf(
        Error,
      );
    }
    expect((await http.read('a/ten.bin'))?.bytes).toEqual(TEN);
  });
});

describe('options', () => {
  it.each(['ftp://x/y', 'x', 'http://h/#f', ''])('refuses the base %j', (base) => {
    expect(() => new HttpSource({ base })).toThrow('`base`');
  });

  it.each(['maxConnections', 'timeoutMs', 'maxAttempts', 'headersTimeoutMs'] as const)(
    'names a wrong `%s`',
    (name) => {
      expect(() => new HttpSource({ base: 'http://h', [name]: 0 })).toThrow(`\`${name}\``);
    },
  );

  it('sends credentials and the query, and never tells them', async () => {
    const base = `${server.base.replace('http://', 'http://user:p%40ss@')}?sig=secret`;
    const http = source({ base, headers: { 'X-Key': 'k' } });
    server.faults.push(status(401));
    const error = await http.read('a/ten.bin').catch((caught: Error) => caught);
    expect(String(error)).not.toMatch(/user|p@ss|secret/);
    expect(http.label).toBe(server.base);
    expect(server.requests[0]?.url).toBe('/clouds/a/ten.bin?sig=secret');
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      'x-key': 'k',
    });
  });

  it('takes the name of the root from the base', () => {
    const name = (base: string) => new HttpSource({ base }).rootName;
    expect(name('http://h/a/city%20one/')).toBe('city one');
    expect(name('http://h/')).toBeNull();
    expect(name('http://h/a/~b')).toBeNull();
    expect(name('http://h/a%2Fb')).toBeNull();
  });

  it('cannot list', () => {
    expect(source().list).toBeUndefined();
  });
});
