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
  s3Error,
  stall,
  status,
} from '../testing/index.ts';
import type { S3SourceOptions } from './remote/index.ts';
import { parseS3Uri, S3Source } from './s3-source.ts';

const TEN = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

let server: ObjectServer;
const open: S3Source[] = [];

beforeEach(async () => {
  server = await ObjectServer.start('/bucket');
  server.put('clouds/a/ten.bin', TEN, '"ten"');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
  await server.stop();
});

function source(options: Partial<S3SourceOptions> = {}): S3Source {
  const made = new S3Source({
    uri: 's3://bucket/clouds',
    endpoint: server.origin,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'topsecret' },
    backoffMs: 0,
    ...options,
  });
  open.push(made);
  return made;
}

describeByteSource('S3Source', async () => {
  const store = await ObjectServer.start('/bucket');
  for (const [path, bytes] of CONFORMANCE_FILES) store.put(`clouds/${path}`, bytes);
  const s3 = new S3Source({
    uri: 's3://bucket/clouds/',
    endpoint: store.origin,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'topsecret' },
  });
  return {
    source: s3,
    replace: async (path, bytes) => store.put(`clouds/${path}`, bytes),
    close: async () => {
      await s3.close();
      await store.stop();
    },
  };
});

describe('reads', () => {
  it('gives whole objects and ranges, over a buffer of their own', async () => {
    const s3 = source();
    expect(await s3.read('a/ten.bin')).toEqual({ bytes: TEN, size: 10, etag: '"ten"' });
    const part = await s3.read('a/ten.bin', { range: { offset: 3, length: 4 }, ifMatch: '"ten"' });
    expect(part).toEqual({ bytes: TEN.subarray(3, 7), size: 10, etag: '"ten"' });
    expect(part?.bytes.buffer.byteLength).toBe(4);
    expect(await s3.read('a/ten.bin', { range: { offset: 10, length: 0 } })).toMatchObject({ size: 10 });
  });

  it('asks for no checksums and signs', async () => {
    await source().read('a/ten.bin');
    expect(server.requests[0]?.headers).not.toHaveProperty('x-amz-checksum-mode');
    expect(server.requests[0]?.headers.authorization).toContain('AKIDEXAMPLE');
  });

  it('anonymous reads are not signed', async () => {
    await source({ credentials: 'anonymous' }).read('a/ten.bin');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('stats', async () => {
    expect(await source().stat('a/ten.bin')).toEqual({ size: 10, etag: '"ten"' });
    expect(await source().stat('a/none.bin')).toBeNull();
  });

  it('reads keys that URLs would read as something else', async () => {
    server.put('clouds/a b/ü%2e%2e+?#.bin', TEN);
    expect((await source().read('a b/ü%2e%2e+?#.bin'))?.size).toBe(10);
  });

  it.each(['../x', '/x', 'a//b', 'a/./b', 'a\\b', ''])('refuses the path %j', async (path) => {
    await expect(source().read(path)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(server.requests).toEqual([]);
  });

  it('keeps within its connections', async () => {
    const s3 = source({ maxConnections: 2 });
    const all = await Promise.all(Array.from({ length: 20 }, () => s3.read('a/ten.bin')));
    expect(all.every((object) => object?.size === 10)).toBe(true);
    expect(server.connections).toBeLessThanOrEqual(2);
  });
});

describe('lists', () => {
  it('what lies in a folder, over many pages', async () => {
    for (const name of ['b.bin', 'a/x.bin', 'a/y/z.bin', 'é/x', 'c/1', 'c/2', 'd'])
      server.put(`clouds/${name}`, TEN);
    server.put('clouds-2/other', TEN);
    server.put('clouds/', '');
    server.put('clouds//empty-segment', '');
    server.listPageSize = 2;
    expect(await source().list('')).toEqual({ folders: ['a', 'c', 'é'], files: ['b.bin', 'd'] });
    expect(await source().list('a')).toEqual({ folders: ['y'], files: ['ten.bin', 'x.bin'] });
  });

  it('null where there is nothing, and an empty root', async () => {
    expect(await source().list('none')).toBeNull();
    expect(await source({ uri: 's3://bucket/none' }).list('')).toEqual({ folders: [], files: [] });
  });

  it('a failure is a failure', async () => {
    server.faults.push(s3Error(403, 'AccessDenied'));
    await expect(source().list('')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('AccessDenied'),
    });
    server.faults.push(s3Error(503, 'SlowDown'));
    expect(await source().list('')).toEqual({ folders: ['a'], files: [] });
  });
});

describe('answers that are not what was asked for', () => {
  it('NoSuchKey is absent, NoSuchBucket a failure', async () => {
    server.faults.push(s3Error(404, 'NoSuchKey'), s3Error(404, 'NoSuchBucket'));
    expect(await source().read('a/ten.bin')).toBeNull();
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('NoSuchBucket'),
    });
  });

  it('403 is a failure, or absent if it was said so', async () => {
    server.faults.push(
      s3Error(403, 'AccessDenied'),
      s3Error(403, 'AccessDenied'),
      s3Error(403, 'AccessDenied'),
    );
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({ code: 'source_unavailable' });
    expect(await source({ forbiddenMeansAbsent: true }).read('a/ten.bin')).toBeNull();
    expect(await source({ forbiddenMeansAbsent: true }).stat('a/ten.bin')).toBeNull();
  });

  it('200 for a range is refused, without taking in the object', async () => {
    server.put('clouds/large.bin', new Uint8Array(8_000_000));
    server.faults.push(ignoreRange);
    await expect(source().read('large.bin', { range: { offset: 0, length: 4 } })).rejects.toMatchObject({
      code: 'source_unavailable',
    });
  });

  it('a range past the end is range_not_satisfiable', async () => {
    for (const range of [
      { offset: 10, length: 1 },
      { offset: 8, length: 4 },
    ]) {
      await expect(source().read('a/ten.bin', { range })).rejects.toMatchObject({
        code: 'range_not_satisfiable',
      });
    }
    server.faults.push(s3Error(416, 'InvalidRange'));
    await expect(source().read('a/ten.bin', { range: { offset: 2, length: 1 } })).rejects.toMatchObject({
      code: 'range_not_satisfiable',
    });
  });

  it('another validator is cloud_changed: 412, 416 where it is due, or If-Match not known', async () => {
    server.faults.push(s3Error(412, 'PreconditionFailed'), s3Error(416, 'InvalidRange'));
    await expect(source().read('a/ten.bin', { ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
    const range = { offset: 2, length: 3 };
    await expect(source().read('a/ten.bin', { range, ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
    server.faults.push(ignoreIfMatch);
    await expect(source().read('a/ten.bin', { ifMatch: '"old"' })).rejects.toMatchObject({
      code: 'cloud_changed',
    });
  });

  it('the wrong region is a failure that says so', async () => {
    server.faults.push(s3Error(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' }));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('301'),
    });
  });

  it('an object over the limit is not taken in', async () => {
    await expect(source().read('a/ten.bin', { maxBytes: 9 })).rejects.toMatchObject({
      name: 'ObjectTooLarge',
    });
  });

  it('an encoded object is refused, but for what aws-chunked left behind', async () => {
    server.faults.push(status(200, { 'content-encoding': 'gzip', 'content-length': 3 }));
    await expect(source().read('a/ten.bin')).rejects.toMatchObject({
      message: expect.stringContaining('gzip'),
    });
    server.faults.push(status(200, { 'content-encoding': 'aws-chunked', 'content-length': 3 }));
    expect((await source().read('a/ten.bin'))?.size).toBe(3);
  });
});

describe('retries', () => {
  it.each([
    ['503 SlowDown', s3Error(503, 'SlowDown')],
    ['500 InternalError', s3Error(500, 'InternalError')],
    ['503 that is no XML', status(503)],
    ['a reset connection', reset],
    ['a body that breaks off', breakOff(TEN.subarray(0, 5), 10, 'reset', { etag: '"ten"' })],
  ])('%s is tried again, on a new connection', async (_name, fault) => {
    server.faults.push(fault);
    expect((await source().read('a/ten.bin'))?.bytes).toEqual(TEN);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  it('the SDK adds no tries of its own', async () => {
    server.faults.push(...Array.from({ length: 9 }, () => s3Error(503, 'SlowDown')));
    await expect(source({ maxAttempts: 1 }).read('a/ten.bin')).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringContaining('503 SlowDown'),
    });
    expect(server.requests.length).toBe(1);
  });
});

describe('deadlines', () => {
  it('stalled answers and bodies are given up and tried again', async () => {
    const s3 = source({ headersTimeoutMs: 400, bodyTimeoutMs: 100 });
    await s3.read('a/ten.bin');
    server.faults.push(stall);
    expect((await s3.read('a/ten.bin'))?.bytes).toEqual(TEN);
    server.faults.push(breakOff(TEN.subarray(0, 5), 10, 'stall', { etag: '"ten"' }));
    expect((await s3.read('a/ten.bin'))?.bytes).toEqual(TEN);
    expect(server.requests.length).toBeGreaterThanOrEqual(5);
  });

  it('a caller that leaves before the answer, or in a body, is released and its connection closed', async () => {
    for (const headersFirst of [false, true]) {
      const closed = deferred();
      const controller = new AbortController();
      server.faults.push((request, response) => {
        request.socket.on('close', closed.resolve);
        const leave = () => controller.abort(new Error('gone'));
        if (headersFirst) response.writeHead(200, { 'content-length': 1000 }).write('x', leave);
        else leave();
      });
      await expect(source().read('a/ten.bin', { signal: controller.signal })).rejects.toThrow('gone');
      await closed.promise;
    }
  });

  it('failures of every kind leave no connection taken (aws/aws-sdk-js-v3#6691)', async () => {
    const s3 = source({ maxConnections: 1, headersTimeoutMs: 200, bodyTimeoutMs: 50, maxAttempts: 1 });
    server.put('clouds/large.bin', new Uint8Array(3_000_000));
    await s3.read('a/ten.bin');
    server.faults.push(ignoreRange, reset, stall, s3Error(503, 'SlowDown'), breakOff(TEN, 20, 'stall'));
    server.faults.push(breakOff(TEN, 20, 'reset'), ignoreRange, ignoreRange);
    for (let i = 0; i < 8; i += 1) {
      await expect(s3.read('large.bin', { range: { offset: 0, length: 10 } })).rejects.toBeInstanceOf(Error);
    }
    expect((await s3.read('a/ten.bin'))?.bytes).toEqual(TEN);
  });
});

describe('options', () => {
  it('splits a URI', () => {
    expect(parseS3Uri('s3://b-1.x')).toEqual({ bucket: 'b-1.x', prefix: '' });
    expect(parseS3Uri('s3://bucket/a/b c//')).toEqual({ bucket: 'bucket', prefix: 'a/b c' });
  });

  it.each(['s3://', 's3:///x', 's3://b/../x', 's3://b/a//b', 'http://b/x', 's3://user:pw@b/x'])(
    'refuses %j',
    (uri) => {
      expect(() => new S3Source({ uri })).toThrow('`uri`');
    },
  );

  it('refuses an endpoint that is no URL', () => {
    expect(() => source({ endpoint: 'localhost' })).toThrow('`endpoint`');
  });

  it('takes the name of the root from the prefix, or the bucket', () => {
    expect(source().rootName).toBe('clouds');
    expect(source({ uri: 's3://bucket' }).rootName).toBe('bucket');
  });

  it('never tells credentials', async () => {
    server.faults.push(s3Error(403, 'SignatureDoesNotMatch'));
    const error = await source()
      .read('a/ten.bin')
      .catch((caught: Error) => caught);
    expect(String(error)).toContain('SignatureDoesNotMatch');
    expect(String(error)).not.toMatch(/AKIDEXAMPLE|topsecret/);
  });

  it('no credentials at all are a failure that says so', async () => {
    const s3 = source({ credentials: undefined as never });
    const names = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_PROFILE',
      'AWS_SHARED_CREDENTIALS_FILE',
    ];
    const before = new Map(names.map((name) => [name, process.env[name]]));
    const noMetadata = process.env.AWS_EC2_METADATA_DISABLED;
    for (const name of names) delete process.env[name];
    process.env.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent';
    process.env.AWS_EC2_METADATA_DISABLED = 'true';
    try {
      await expect(s3.read('a/ten.bin')).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining('no credentials'),
      });
    } finally {
      for (const [name, value] of [...before, ['AWS_EC2_METADATA_DISABLED', noMetadata] as const]) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});
