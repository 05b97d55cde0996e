/**
 * Many frames into a real S3 server (versitygw): once in one go, and once killed again and again and resumed
 * with `--skip-existing`. Both must end with the same objects; exits with 1 if they do not.
 *
 *     npx tsx bench/robustness/s3-kills.ts [FRAMES] [KILLS] [POINTS]
 *
 * FRAMES is 1000 and KILLS 10 if left out. Frames are synthetic, of POINTS points; without POINTS, those of
 * `../shared/real/kitti-dev`, again and again under names of their own, or synthetic ones of 120,000 points.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as sdk from '@aws-sdk/client-s3';
import { buildProgramForTests } from '../../app/package/build/index.ts';
import { findComponent, PROGRAM, type S3Server, startVersitygw } from '../../cache/testing/index.ts';
import { kittiBytes, scenePoints } from '../../octree/build/testing/index.ts';
import { machineLine } from '../kit/index.ts';

const REAL = fileURLToPath(new URL('../../../shared/real/kitti-dev', import.meta.url));
const MADE_POINTS = 120_000;
const LOOK_EVERY_MS = 50;
const SAID_CHARACTERS = 2000;

interface KillsReport {
  readonly frames: number;
  readonly kills: number;
  readonly objects: number;
  readonly bytes: number;
  /** Wall clock of the build in one go, and of all runs that were killed together. */
  readonly wholeSeconds: number;
  readonly killedSeconds: number;
  /** Names of objects that are not the same, or only in one of the two. */
  readonly different: readonly string[];
}

/**
 * @param points of a made frame; null takes the real ones where they are there
 * @throws Error if versitygw is not there, or a build fails
 */
export async function killAndResume(
  frames: number,
  kills: number,
  points: number | null,
): Promise<KillsReport> {
  const program = findComponent('versitygw');
  if (program === null) throw new Error('versitygw is missing: .ci/install-components');
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-kills-'));
  const server = await startVersitygw(program);
  const bucket = openBucket(server);
  try {
    await bucket.create();
    const inputs = path.join(folder, 'frames');
    await makeFrames(inputs, frames, points);
    const run = (prefix: string) => startBuild(inputs, prefix, server);
    const started = performance.now();
    const whole = run('whole');
    if ((await whole.ended) !== 0) throw new Error(`the build in one go failed:\n${whole.said()}`);
    const wholeSeconds = (performance.now() - started) / 1000;
    const wanted = await bucket.objects('whole');
    const killedSeconds = await buildWithKills(
      kills,
      () => run('killed'),
      (share) => bucket.has(`killed/${nameOf(Math.floor(share * frames))}/ept.json`),
    );
    const found = await bucket.objects('killed');
    const names = new Set([...wanted.keys(), ...found.keys()]);
    const different = [...names].filter((name) => wanted.get(name)?.etag !== found.get(name)?.etag);
    const bytes = [...wanted.values()].reduce((sum, { size }) => sum + size, 0);
    return { frames, kills, objects: wanted.size, bytes, wholeSeconds, killedSeconds, different };
  } finally {
    bucket.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the seconds of all runs. Each is killed when the frame at its share of the list is there. */
async function buildWithKills(
  kills: number,
  run: () => KillRun,
  isThere: (share: number) => Promise<boolean>,
): Promise<number> {
  const started = performance.now();
  for (let kill = 1; kill <= kills; kill++) {
    const { child, ended, said } = run();
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver && !(await isThere(kill / (kills + 1)))) await pause(LOOK_EVERY_MS);
    if (isOver)
      throw new Error(`run ${kill} ended with ${await ended} before it could be killed:\n${said()}`);
    child.kill('SIGKILL');
    await ended;
  }
  const { ended, said } = run();
  if ((await ended) !== 0) throw new Error(`the last run failed:\n${said()}`);
  return (performance.now() - started) / 1000;
}

interface KillRun {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<number | null>;
  /** The end of what it has printed. */
  readonly said: () => string;
}

function startBuild(inputs: string, prefix: string, { origin, credentials }: S3Server): KillRun {
  const args = [PROGRAM, 'build', inputs, '--out', `s3://clouds/${prefix}`, '--skip-existing'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: origin,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text = (text + chunk).slice(-SAID_CHARACTERS);
    });
  return { child, ended: once(child, 'exit').then(([code]) => code as number | null), said: () => text };
}

function nameOf(index: number): string {
  return String(index).padStart(6, '0');
}

async function makeFrames(folder: string, frames: number, points: number | null): Promise<void> {
  await mkdir(folder);
  const name = (index: number) => path.join(folder, `${nameOf(index)}.bin`);
  const real =
    points === null && existsSync(REAL) ? (await readdir(REAL)).filter((file) => file.endsWith('.bin')) : [];
  for (let index = 0; index < frames; index++) {
    if (real.length > 0) await symlink(path.join(REAL, real[index % real.length]!), name(index));
    else await writeFile(name(index), kittiBytes(scenePoints(points ?? MADE_POINTS, index + 1)));
  }
}

function openBucket({ origin, credentials }: S3Server) {
  const client = new sdk.S3Client({
    endpoint: origin,
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
  });
  const list = async (prefix: string) => {
    const found = new Map<string, { etag: string; size: number }>();
    for (let token: string | undefined; ; ) {
      const page = await client.send(
        new sdk.ListObjectsV2Command({ Bucket: 'clouds', Prefix: `${prefix}/`, ContinuationToken: token }),
      );
      for (const { Key, ETag, Size } of page.Contents ?? [])
        found.set(Key!.slice(prefix.length + 1), { etag: ETag!, size: Size! });
      token = page.NextContinuationToken;
      if (token === undefined) return found;
    }
  };
  return {
    create: () => client.send(new sdk.CreateBucketCommand({ Bucket: 'clouds' })),
    /** Content by ETag: of objects put in one piece it is a hash of the content. */
    objects: list,
    /** One small request: a list of all objects would take the storage longer than the frames in between. */
    has: (Key: string) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: 'clouds', Key })).then(
        () => true,
        (error: sdk.S3ServiceException) => {
          if (error.$metadata?.httpStatusCode === 404) return false;
          throw error;
        },
      ),
    close: () => client.destroy(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [frames = 1000, kills = 10, points = null] = process.argv.slice(2).map(Number);
  await buildProgramForTests();
  const report = await killAndResume(frames, kills, points);
  process.stdout.write(`${machineLine()}\n`);
  process.stdout.write(
    `${frames} frames: ${report.objects} objects, ${(report.bytes / frames / 1e3).toFixed(0)} kB and ` +
      `${(report.objects / frames).toFixed(1)} objects a frame; in one go ${report.wholeSeconds.toFixed(0)} s, ` +
      `killed ${kills} times and resumed ${report.killedSeconds.toFixed(0)} s; ${report.different.length} objects differ\n`,
  );
  if (report.different.length > 0) process.exitCode = 1;
}
