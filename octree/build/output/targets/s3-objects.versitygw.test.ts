/** Objects that go up in parts, on a real S3 server. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as sdk from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findComponent, type S3Server, startVersitygw } from '../../../../cache/testing/index.ts';
import { useScratch } from '../../testing/index.ts';
import { S3Objects } from './s3-objects.ts';

const program = findComponent('versitygw');
const scratch = useScratch();
/** One part and a bit. */
const BYTES = 64 * 1024 * 1024 + 12_345;

describe.skipIf(program === null)('an object of more than 64 MiB', () => {
  let server: S3Server;
  let client: sdk.S3Client;
  let objects: S3Objects;

  beforeAll(async () => {
    server = await startVersitygw(program!);
    const { origin, credentials } = server;
    client = new sdk.S3Client({ endpoint: origin, region: 'us-east-1', credentials, forcePathStyle: true });
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'large' }));
    vi.stubEnv('AWS_ENDPOINT_URL', origin);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    objects = new S3Objects('s3://large/clouds');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    objects?.close();
    client?.destroy();
    await server?.stop();
  });

  it('goes up in parts, is there whole, and replaces none on the condition that there is none', async () => {
    const content = Buffer.alloc(BYTES, 'nearbox ');
    const file = scratch.path('large.laz');
    await writeFile(file, content);
    expect(await objects.putFile('large.laz', file, { ifAbsent: true })).toBe(true);
    const { ETag } = await client.send(
      new sdk.HeadObjectCommand({ Bucket: 'large', Key: 'clouds/large.laz' }),
    );
    expect(ETag).toMatch(/-2"$/);
    const stored = await objects.read('large.laz');
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(stored!)).toBe(hash(content));
    await writeFile(file, Buffer.alloc(BYTES, 'other'));
    expect(await objects.putFile('large.laz', file, { ifAbsent: true })).toBe(false);
    expect(hash((await objects.read('large.laz'))!)).toBe(hash(content));
    const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: 'large' }));
    expect(Uploads).toEqual([]);
  }, 120_000);

  it('that is aborted leaves nothing', async () => {
    const file = scratch.path('large.laz');
    const abort = new AbortController();
    const put = objects.putFile('aborted.laz', file, { signal: abort.signal });
    abort.abort();
    await expect(put).rejects.toThrow();
    expect(await objects.exists('aborted.laz')).toBe(false);
    const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: 'large' }));
    expect(Uploads).toEqual([]);
  });
});
