/** Files beside the clouds, in a folder and on a real S3 server. */
import { readFile, writeFile } from 'node:fs/promises';
import * as sdk from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { findComponent, startVersitygw } from '../../../../cache/testing/index.ts';
import { useScratch } from '../../testing/index.ts';
import { openPlainFiles, type PlainFiles } from './plain-files.ts';

const program = findComponent('versitygw');
const scratch = useScratch();

async function writeBoth(files: PlainFiles): Promise<void> {
  const image = scratch.path('image.jpg');
  await writeFile(image, 'first');
  await files.copy('seq/7/front.jpg', image);
  await files.write('seq/7/cameras.json', '{}');
  await writeFile(image, 'second');
  await files.copy('seq/7/front.jpg', image);
  files.close();
}

describe('files beside the clouds', () => {
  it('in a folder: made, and replaced', async () => {
    await writeBoth(openPlainFiles(scratch.path('cameras')));
    expect(await readFile(scratch.path('cameras/seq/7/cameras.json'), 'utf8')).toBe('{}');
    expect(await readFile(scratch.path('cameras/seq/7/front.jpg'), 'utf8')).toBe('second');
  });

  it('refuses what cannot be written', () => {
    expect(() => openPlainFiles('https://example.org/x')).toThrow(/https: cannot be written/);
  });

  it.skipIf(program === null)(
    'in a bucket: the same',
    async () => {
      const server = await startVersitygw(program!);
      const { origin, credentials } = server;
      const client = new sdk.S3Client({
        endpoint: origin,
        region: 'us-east-1',
        credentials,
        forcePathStyle: true,
      });
      try {
        await client.send(new sdk.CreateBucketCommand({ Bucket: 'cameras' }));
        vi.stubEnv('AWS_ENDPOINT_URL', origin);
        vi.stubEnv('AWS_REGION', 'us-east-1');
        vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
        vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
        await writeBoth(openPlainFiles('s3://cameras/drive'));
        const read = async (Key: string) => {
          const found = await client.send(new sdk.GetObjectCommand({ Bucket: 'cameras', Key }));
          return found.Body!.transformToString();
        };
        expect(await read('drive/seq/7/cameras.json')).toBe('{}');
        expect(await read('drive/seq/7/front.jpg')).toBe('second');
      } finally {
        vi.unstubAllEnvs();
        client.destroy();
        await server.stop();
      }
    },
    60_000,
  );
});
