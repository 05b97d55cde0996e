/** The S3 source against a real S3 server, and a network that fails between them. */
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CONFORMANCE_FILES,
  type ConnectionFault,
  describeByteSource,
  FaultProxy,
  findComponent,
  type S3Server,
  startVersitygw,
} from '../testing/index.ts';
import type { S3SourceOptions } from './remote/index.ts';
import { S3Source } from './s3-source.ts';

const program = findComponent('versitygw');

describe.skipIf(program === null)('versitygw', () => {
  let server: S3Server;
  let client: S3Client;
  let roots = 0;

  beforeAll(async () => {
    server = await startVersitygw(program!);
    const { origin, credentials } = server;
    client = new S3Client({ endpoint: origin, region: 'us-east-1', credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'clouds' }));
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const put = async (Key: string, Body: Uint8Array) => {
    await client.send(new PutObjectCommand({ Bucket: 'clouds', Key, Body }));
  };
  const open = (options: Partial<S3SourceOptions> = {}) =>
    new S3Source({
      uri: 's3://clouds',
      endpoint: server.origin,
      credentials: server.credentials,
      // For a machine that does other things as well.
      headersTimeoutMs: 20_000,
      timeoutMs: 30_000,
      ...options,
    });

  describeByteSource('S3Source', async () => {
    roots += 1;
    const root = `root-${roots}`;
    for (const [name, bytes] of CONFORMANCE_FILES) await put(`${root}/${name}`, bytes);
    const source = open({ uri: `s3://clouds/${root}` });
    return { source, replace: (name, bytes) => put(`${root}/${name}`, bytes), close: () => source.close() };
  });

  it('a bucket that is not there and a wrong secret are source_unavailable', async () => {
    const secret = open({ credentials: { ...server.credentials, secretAccessKey: 'wrong' } });
    const bucket = open({ uri: 's3://nothing-here' });
    try {
      await expect(bucket.read('x')).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining('NoSuchBucket'),
      });
      await expect(secret.read('x')).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining('SignatureDoesNotMatch'),
      });
    } finally {
      await Promise.all([secret.close(), bucket.close()]);
    }
  });

  describe('through a network that fails', () => {
    const tile = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 13 + (i >> 7)) & 255);
    let proxy: FaultProxy;
    beforeAll(() => put('tiles/0-0-0-0.bin', tile));
    beforeEach(async () => {
      proxy = await FaultProxy.start(Number(new URL(server.origin).port));
    });
    afterEach(() => proxy.stop());

    const faults: [string, ConnectionFault][] = [
      ['reset before the answer', { afterBytes: 0, ending: 'reset' }],
      ['reset in the headers', { afterBytes: 40, ending: 'reset' }],
      ['reset in the body', { afterBytes: 100_000, ending: 'reset' }],
      ['closed in the body', { afterBytes: 100_000, ending: 'end' }],
      ['stalled in the body', { afterBytes: 100_000, ending: 'stall' }],
      ['stalled before the answer', { afterBytes: 0, ending: 'stall' }],
    ];

    it.each(faults)('%s: once is survived, for ever is source_unavailable', async (_name, fault) => {
      const timeouts = { headersTimeoutMs: 1500, bodyTimeoutMs: 300, backoffMs: 0 };
      const source = open({ endpoint: proxy.origin, maxAttempts: 2, ...timeouts });
      try {
        proxy.faults.push(fault);
        const object = await source.read('tiles/0-0-0-0.bin');
        expect(Buffer.compare(object!.bytes, tile)).toBe(0);
        expect(proxy.connections).toBe(2);
        proxy.faults.push(fault, fault, fault, fault);
        const broken = open({ endpoint: proxy.origin, maxAttempts: 2, ...timeouts });
        const range = { offset: 1000, length: 200_000 };
        await expect(broken.read('tiles/0-0-0-0.bin', { range })).rejects.toMatchObject({
          code: 'source_unavailable',
        });
        await broken.close();
      } finally {
        await source.close();
      }
    });
  });
});
