/**
 * A real S3 server (versitygw) with as many clouds as wanted, all of them links to the objects of a few
 * frames.
 */
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { findComponent, startVersitygw } from '../../../cache/testing/index.ts';

/**
 * Clouds of runs are `tN/FRAME`, with numbers of their own for each annotator
 * (`bench/speed/designs/load.ts`).
 */
const ANNOTATORS_PER_RUN = 10_000;
const BUCKET = 'clouds';
/** What was stored; its objects have the validators that S3 gives. */
const STORED = 'stored';

export interface FleetStorage {
  /** Variables of the instances that read from it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The clouds of so many annotators of a run, which no cache has seen. */
  addRun(run: number, annotators: number): void;
  /** Reads of objects since it began. */
  reads(): Promise<number>;
  stop(): Promise<void>;
}

/** @param frames a folder of clouds @throws if versitygw is missing */
export async function startFleetStorage(frames: string): Promise<FleetStorage> {
  const program = findComponent('versitygw');
  if (program === null) throw new Error('versitygw is missing: .ci/install-components');
  const { origin, credentials, folder, objectsRead, stop } = await startVersitygw(program);
  const client = new S3Client({ endpoint: origin, region: 'us-east-1', credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const entry of readdirSync(frames, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const Key = `${STORED}/${path.relative(frames, file)}`;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: readFileSync(file) }));
  }
  client.destroy();
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: origin,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    addRun(run, annotators) {
      for (let who = 0; who < annotators; who++)
        for (const part of ['root', 'sidecar'])
          symlinkSync(STORED, path.join(folder, part, BUCKET, `t${run * ANNOTATORS_PER_RUN + who}`));
    },
    reads: async () => (await objectsRead()).length,
    stop,
  };
}
