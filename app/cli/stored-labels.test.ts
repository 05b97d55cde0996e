/** From what a server keeps to frames, a profile and an evaluation, by the commands alone. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findComponent, startVersitygw } from '../../cache/testing/index.ts';
import { kittiBytes, scenePoints } from '../../octree/build/testing/index.ts';
import { FolderDocuments } from '../documents/index.ts';
import { main } from './main.ts';

const CAR = { center: [12.25, -3.5, 0.75], size: [4.5, 1.9, 1.5], yaw: 0.5 };
const MOVED = { ...CAR, center: [12.5, -3.5, 0.75] };
const box = (id: string, status: string, change: object = {}) => ({
  id,
  class: 'car',
  box: CAR,
  status,
  ...change,
});
const LABELS = {
  version: 1,
  cloud: { id: 'drive/000000', version: 'v' },
  state: 'done',
  boxes: [
    box('1', 'accepted'),
    box('2', 'edited', { class: 'pedestrian', attributes: { walks: true } }),
    box('3', 'proposed'),
    box('4', 'rejected'),
  ],
};
const PROPOSED = { box: CAR, class: 'car', score: 0.8, model: '4' };
const cloud = { id: 'drive/000001' };
const FEEDBACK = [
  {
    key: 'a',
    cloud,
    outcome: 'accepted',
    prediction: 'p1',
    proposed: PROPOSED,
    received: '2026-01-01T00:00:01Z',
  },
  {
    key: 'b',
    cloud,
    outcome: 'corrected',
    prediction: 'p1',
    box: MOVED,
    class: 'van',
    received: '2026-01-01T00:00:02Z',
  },
  {
    key: 'c',
    cloud,
    outcome: 'rejected',
    prediction: 'p2',
    proposed: PROPOSED,
    received: '2026-01-01T00:00:03Z',
  },
  { key: 'd', cloud, outcome: 'missed', received: '2026-01-01T00:00:04Z' },
];

let folder = '';
const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
const at = (...names: string[]) => path.join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-stored-'));
  // By the stores themselves, as the server writes them.
  const labels = await FolderDocuments.open(at('labels'));
  const feedback = await FolderDocuments.open(at('feedback'));
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  await labels.write('drive/000000/~labels.json', bytes(LABELS), { ifAbsent: true });
  for (const item of FEEDBACK) await feedback.write(`00/${item.key}.json`, bytes(item), { ifAbsent: true });
  await labels.close();
  await feedback.close();
});
afterAll(async () => {
  output.mockRestore();
  await rm(folder, { recursive: true, force: true });
});

interface Found {
  readonly id: string;
  readonly objects: readonly object[];
}

async function converted(input: string): Promise<readonly Found[]> {
  const out = at('out.json');
  expect(await main(['convert', input, '--to', 'nearbox', '--out', out])).toBe(0);
  return (JSON.parse(await readFile(out, 'utf8')) as { frames: Found[] }).frames;
}

describe('nearbox convert', () => {
  it('reads the labels that a server keeps: what somebody has confirmed', async () => {
    expect(await converted(at('labels'))).toMatchObject([
      {
        id: 'drive/000000',
        objects: [
          { id: '1', class: 'car', ...CAR },
          { id: '2', class: 'pedestrian', attributes: { walks: true } },
        ],
      },
    ]);
    expect(output).toHaveBeenLastCalledWith(
      expect.stringMatching(/2 boxes in 1 frames.*; 1 boxes that nobody/),
    );
  });

  it('reads feedback: of one prediction the last record counts', async () => {
    const frames = await converted(at('feedback'));
    expect(frames).toMatchObject([{ id: 'drive/000001', objects: [{ class: 'van', ...MOVED }] }]);
    expect(frames[0]!.objects).toHaveLength(1);
  });

  it('leads from there to a profile and to an evaluation', async () => {
    const train = at('train');
    expect(await main(['convert', at('labels'), '--to', 'kitti', '--out', train])).toBe(0);
    await mkdir(path.join(train, 'velodyne', 'drive'), { recursive: true });
    const scan = kittiBytes(scenePoints(3000, 1));
    await writeFile(path.join(train, 'velodyne', 'drive', '000000.bin'), scan);
    expect(await main(['profile', train, '--out', at('profile.json')])).toBe(0);
    expect(JSON.parse(await readFile(at('profile.json'), 'utf8'))).toHaveProperty('classes.car');
    expect(await main(['evaluate', train, '--json'])).toBe(0);
  });

  it.skipIf(findComponent('versitygw') === null)(
    'reads them from a bucket',
    async () => {
      const server = await startVersitygw(findComponent('versitygw')!);
      try {
        const { S3Client, CreateBucketCommand, PutObjectCommand } = await import('@aws-sdk/client-s3');
        const { origin: endpoint, credentials } = server;
        const client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
        await client.send(new CreateBucketCommand({ Bucket: 'kept' }));
        const Key = 'team/drive/000000/~labels.json';
        await client.send(new PutObjectCommand({ Bucket: 'kept', Key, Body: JSON.stringify(LABELS) }));
        client.destroy();
        vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
        vi.stubEnv('AWS_REGION', 'us-east-1');
        vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
        vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
        expect(await converted('s3://kept/team')).toMatchObject([
          { id: 'drive/000000', objects: [{ id: '1' }, {}] },
        ]);
        expect(await converted(`s3://kept/${Key}`)).toMatchObject([{ id: 'drive/000000' }]);
      } finally {
        vi.unstubAllEnvs();
        await server.stop();
      }
    },
    60_000,
  );
});
