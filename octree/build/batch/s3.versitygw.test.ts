/** Batches into and out of a bucket of a real S3 server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as sdk from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { S3Source } from '../../../cache/index.ts';
import { findComponent, PROGRAM, type S3Server, startVersitygw } from '../../../cache/testing/index.ts';
import { buildClouds } from '../index.ts';
import { filesOf, kittiBytes, scenePoints, useScratch } from '../testing/index.ts';

const program = findComponent('versitygw');
const scratch = useScratch();
const FRAMES = 24;
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe.skipIf(program === null)('versitygw', () => {
  let server: S3Server;
  let client: sdk.S3Client;
  let frames = '';

  beforeAll(async () => {
    server = await startVersitygw(program!);
    const { origin, credentials } = server;
    client = new sdk.S3Client({ endpoint: origin, region: 'us-east-1', credentials, forcePathStyle: true });
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'clouds' }));
    vi.stubEnv('AWS_ENDPOINT_URL', origin);
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    frames = scratch.path('frames');
    await mkdir(frames);
    for (let i = 0; i < FRAMES; i++)
      await writeFile(
        path.join(frames, `${String(i).padStart(6, '0')}.bin`),
        kittiBytes(scenePoints(300, i)),
      );
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    client?.destroy();
    await server?.stop();
  });

  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  /** All objects below a prefix, by their names below it. */
  async function objects(prefix: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const { Contents = [] } = await client.send(
      new sdk.ListObjectsV2Command({ Bucket: 'clouds', Prefix: `${prefix}/` }),
    );
    for (const { Key } of Contents) {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: 'clouds', Key }));
      found.set(
        Key!.slice(prefix.length + 1),
        Buffer.from(await Body!.transformToByteArray()).toString('base64'),
      );
    }
    return found;
  }

  async function countOf(prefix: string): Promise<number> {
    const { KeyCount } = await client.send(
      new sdk.ListObjectsV2Command({ Bucket: 'clouds', Prefix: `${prefix}/` }),
    );
    return KeyCount ?? 0;
  }

  it('holds the same objects as a folder, which our own source reads', async () => {
    await buildClouds([frames], scratch.path('local'), { jobs: 1 });
    const result = await buildClouds([frames], 's3://clouds/whole', { jobs: 2 });
    expect(result.clouds).toHaveLength(FRAMES);
    expect(await objects('whole')).toEqual(await filesOf(scratch.path('local')));
    const source = new S3Source({ uri: 's3://clouds/whole' });
    expect(await source.stat('000003/ept.json')).not.toBeNull();
    await source.close();
  });

  it('is refused before the work where there is no such bucket', async () => {
    for (const options of [{}, { force: true }, { skipExisting: true }, { merge: true }])
      await expect(buildClouds([frames], 's3://elsewhere/x', options)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringMatching(/s3:\/\/elsewhere.*: there is no bucket elsewhere/),
      });
  });

  it('takes inputs from a bucket', async () => {
    for (const name of ['a.bin', 'deep/b.bin', 'c.txt']) {
      const Body = kittiBytes(scenePoints(100, 3));
      await client.send(new sdk.PutObjectCommand({ Bucket: 'clouds', Key: `raw/${name}`, Body }));
    }
    const build = () =>
      buildClouds(['s3://clouds/raw/'], scratch.path('from-bucket'), { jobs: 1, skipExisting: true });
    expect((await build()).clouds.map(({ id, points }) => [id, points])).toEqual([
      ['a', 100],
      ['deep/b', 100],
    ]);
    expect((await build()).skipped).toHaveLength(2);
    const one = await buildClouds(['s3://clouds/raw/a.bin'], 's3://clouds/bucket-to-bucket');
    expect(one.clouds).toMatchObject([{ id: 'a', points: 100 }]);
    await expect(buildClouds(['s3://clouds/raw/missing.bin'], scratch.path('x'))).rejects.toThrow(
      /no such object/,
    );
    await expect(buildClouds(['s3://clouds/nothing/'], scratch.path('x'))).rejects.toThrow(
      /nothing below|no point files/,
    );
  });

  it('killed at any moment and started again, it ends with the same objects', async () => {
    const args = [PROGRAM, 'build', frames, '--out', 's3://clouds/killed', '--skip-existing', '--jobs', '1'];
    const whole = await objects('whole');
    let kills = 0;
    for (let round = 0; ; round++) {
      const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
      running.push(child);
      const ended = once(child, 'exit');
      // It is killed when it has put some more objects than in the last round: at another place each time.
      const wanted = 9 + 14 * round;
      let isOver = false;
      void ended.then(() => {
        isOver = true;
      });
      while (!isOver && kills < 5 && (await countOf('killed')) < wanted);
      if (isOver || kills >= 5) {
        const [code] = await ended;
        expect(code).toBe(0);
        break;
      }
      child.kill('SIGKILL');
      kills++;
      await ended;
    }
    expect(kills).toBeGreaterThan(2);
    expect(await objects('killed')).toEqual(whole);
  }, 120_000);

  it('two machines that build the same end with it; one that builds something else is refused', async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(() => buildClouds([frames], 's3://clouds/shared', { jobs: 1, skipExisting: true })),
    );
    expect(first!.failed.concat(second!.failed)).toEqual([]);
    expect(await objects('shared')).toEqual(await objects('whole'));

    await client.send(
      new sdk.PutObjectCommand({
        Bucket: 'clouds',
        Key: 'claimed/~000000.building',
        Body: '{"fingerprint":"other"}',
      }),
    );
    const input = path.join(frames, '000000.bin');
    await expect(buildClouds([input], 's3://clouds/claimed')).rejects.toThrow(
      /is being built from other inputs.*--force/,
    );
    expect((await objects('claimed')).size).toBe(1);
    await buildClouds([input], 's3://clouds/claimed', { force: true });
    expect((await objects('claimed')).has('000000/ept.json')).toBe(true);
  });

  it('replaces a cloud with --force, and leaves none of its objects', async () => {
    const input = await scratch.write('many.bin', kittiBytes(scenePoints(3000, 5)));
    await buildClouds([input], 's3://clouds/replaced', { span: 16, maxNodePoints: 200 });
    const before = await objects('replaced');
    await expect(buildClouds([input], 's3://clouds/replaced')).rejects.toThrow(/exists already/);
    await buildClouds([input], 's3://clouds/replaced', { force: true });
    const after = await objects('replaced');
    expect(after.size).toBeLessThan(before.size);
    expect([...after.keys()].filter((name) => name.startsWith('many/ept-data/'))).toEqual([
      'many/ept-data/0-0-0-0.zst',
    ]);
  });
});
