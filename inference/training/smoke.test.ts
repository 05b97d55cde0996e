/**
 * The whole way from nothing: simulate, train for seconds, export, answer a click with what came out. Needs
 * Python with torch (`.ci/install-components`).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import type { FitRequest } from '../fit/index.ts';
import { FitEngine } from '../index.ts';
import { readDescription } from '../network/index.ts';
import type { ProfileFile } from '../profiles/index.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const python = findComponent('training-python');
const run = promisify(execFile);

/** A question that `export.py` stored, with its answer. */
interface StoredCase {
  readonly positions: string;
  readonly request: Pick<FitRequest, 'hint' | 'class' | 'size' | 'sensor' | 'others'> & {
    readonly profile?: ProfileFile;
  };
  readonly answer: { center: number[]; size: number[]; yaw: number; score: number };
}

function requestOf({ positions: stored, request: { profile, ...request } }: StoredCase): FitRequest {
  const bytes = Buffer.from(stored, 'base64');
  const positions = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const classes = profile?.classes;
  return {
    ...request,
    crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
    profile: classes === undefined ? null : { own: classes, trainingProfile: classes },
  };
}

describe.skipIf(python === null)('training', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nearbox-training-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function script(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(python as string, [...args], {
      cwd: HERE,
      env: { ...process.env, OMP_NUM_THREADS: '1' },
      maxBuffer: 2 ** 24,
    });
    return stdout;
  }

  it('simulates the same for the same seed', async () => {
    const shards: Buffer[] = [];
    for (const [name, seed] of [
      ['one', '7'],
      ['two', '7'],
      ['three', '8'],
    ] as const) {
      const out = path.join(folder, name);
      await script('-m', 'simulation.simulate', '--out', out, '--scans', '1', '--per-shard', '1', '--seed', seed, '--workers', '1');
      shards.push(await readFile(path.join(out, 'shard-0000.npz')));
    }
    const [one, two, three] = shards;
    expect(two).toEqual(one);
    expect(three).not.toEqual(one);
  }, 300_000);

  it('trains in bfloat16 as well, which all.sh takes where the processor has it', async () => {
    const sim = path.join(folder, 'one');
    const brief = ['--data', sim, '--held', sim, '--held-questions', '4', '--threads', '1', '--points', '64', '--batch', '8', '--steps', '2', '--bf16'];
    const propose = path.join(folder, 'propose-bf16.pt');
    expect(await script('train.py', 'propose', ...brief, '--out', propose)).toMatch(/held \d+ told: /);
    expect(
      await script('train.py', 'refine', ...brief, '--out', path.join(folder, 'refine-bf16.pt'), '--propose', propose),
    ).toMatch(/held \d+ click told, /);
  }, 300_000);

  it('takes labels of frames in folders, as `nearbox convert --to kitti` writes them, to train on', async () => {
    const frames = path.join(folder, 'frames');
    const write = async (name: string, content: string | Uint8Array) => {
      await mkdir(path.dirname(path.join(frames, name)), { recursive: true });
      await writeFile(path.join(frames, name), content);
    };
    // A car of 4 x 2 x 1.5 m ten metres ahead, its side of points, and the ground.
    const points = Array.from({ length: 400 }, (_, i) =>
      i < 100 ? [8 + (i % 20) / 5, 1, -1.4 + Math.floor(i / 20) / 4, 0] : [i / 20, (i % 20) - 10, -1.65, 0],
    ).flat();
    await write('velodyne/drive/000.bin', new Uint8Array(Float32Array.from(points).buffer));
    await write('calib/drive/000.txt', 'R0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n');
    await write('label_2/drive/000.txt', 'Car -1 -1 0 -1 -1 -1 -1 1.5 2 4 0 1.65 10 -1.5708\n');
    expect(await script('frames.py', frames, '--out', path.join(folder, 'also'))).toBe(
      '1 frames, 1 objects with 4 points or more\n',
    );
    const sim = path.join(folder, 'one');
    const brief = ['--data', sim, '--held', sim, '--held-questions', '4', '--threads', '1', '--points', '64', '--batch', '8', '--steps', '2'];
    const propose = path.join(folder, 'propose-also.pt');
    await script('train.py', 'propose', ...brief, '--out', propose);
    const also = ['--also', path.join(folder, 'also'), '--also-share', '0.5', '--propose', propose];
    expect(await script('train.py', 'refine', ...brief, ...also, '--out', path.join(folder, 'refine-also.pt'))).toMatch(
      /held \d+ click told, /,
    );

    await write('label_2/drive/000.txt', '');
    await expect(script('frames.py', frames, '--out', path.join(folder, 'none'))).rejects.toThrow(
      'no labelled object with 4 points or more in 1 frames',
    );
  }, 300_000);

  it('goes from nothing to weights that answer', async () => {
    const sim = path.join(folder, 'sim');
    const model = path.join(folder, 'model');
    const propose = path.join(folder, 'propose.pt');
    const refine = path.join(folder, 'refine.pt');
    // Enough scans for the stored cases that export wants of each class.
    await script('-m', 'simulation.simulate', '--out', sim, '--scans', '12', '--per-shard', '12', '--seed', '5', '--workers', '1');
    const brief = ['--data', sim, '--held', sim, '--held-questions', '20', '--threads', '1', '--points', '64', '--batch', '16', '--steps', '30'];
    expect(await script('train.py', 'propose', ...brief, '--out', propose)).toMatch(/held \d+ told: /);
    await script('train.py', 'refine', ...brief, '--out', refine, '--propose', propose);
    await script('export.py', '--propose', propose, '--refine', refine, '--held', sim, '--out', model, '--version', 'smoke');

    const log = path.join(folder, 'propose.log');
    await writeFile(log, '200 12 s (60 ms) rate 1.0e-03 seg 0.3 all 4.0\nheld 200: car 0.512 0.31, van 0.4 0.2\n');
    await script('-m', 'measuring.report', '--data', sim, '--logs', log, '--out', folder);
    const data = await readFile(path.join(folder, 'data.md'), 'utf8');
    expect(data).toMatch(/12 scans, \d+ objects[^]*\| car \| \d+/);
    // What profiles tell goes with what is drawn: length, width, top, floor.
    const told = /and what a profile tells \| (.*) \|/.exec(data)?.[1]?.split(' | ').map(Number) ?? [];
    expect(told.length).toBe(4);
    expect(Math.min(...told)).toBeGreaterThan(0.2);
    expect(await readFile(path.join(folder, 'curves.svg'), 'utf8')).toContain('>proposal<');

    const { cases } = JSON.parse(await readFile(path.join(model, 'cases.json'), 'utf8')) as {
      cases: readonly StoredCase[];
    };
    expect(cases.filter(({ request }) => request.profile).length).toBeGreaterThan(0);
    expect(readDescription(model).convention).toBeDefined();

    // The weights are found again in the exported files, layer by layer.
    const weights = () => readFile(path.join(model, 'refine.onnx'));
    const exported = await weights();
    // The calibration goes on to be that of these weights, whatever their file was before.
    const described = await readFile(path.join(model, 'model.json'), 'utf8');
    const { sha256 } = readDescription(model).networks.refine;
    await writeFile(path.join(model, 'model.json'), described.replace(sha256, 'hash-before'));
    const calibration = path.join(folder, 'calibration.json');
    await writeFile(calibration, JSON.stringify({ weights: { refine: 'hash-before' } }));
    const again = ['--model', model, '--calibration', calibration];
    expect(await script('reexport.py', ...again)).toMatch(/largest difference/);
    expect((await weights()).equals(exported)).toBe(true);
    expect(readDescription(model).networks.refine.sha256).toBe(sha256);
    expect(JSON.parse(await readFile(calibration, 'utf8'))).toEqual({ weights: { refine: sha256 } });

    // Without what no question raises, the stored answers stay; training goes on with all features.
    const kept = /refine keeps (\d+) of 384 of up, (\d+) of 384 of shape/.exec(
      await script('reexport.py', ...again, '--data', sim, '--batches', '2'),
    )!;
    expect(Number(kept[1]) + Number(kept[2])).toBeLessThan(768);
    expect((await weights()).length).toBeLessThan(exported.length);
    const start = path.join(folder, 'start');
    await script('resume.py', '--model', model, '--data', sim, '--out', start);
    const further = ['--start', path.join(start, 'refine.pt'), '--propose', path.join(start, 'propose.pt')];
    expect(
      await script('train.py', 'refine', ...brief, '--steps', '2', ...further, '--out', path.join(folder, 'further.pt')),
    ).toMatch(/held \d+ click told, /);

    // Beside the shipped network, which takes no convention, as `serve --models` holds it.
    const engine = new FitEngine({ otherModelFolders: [model] });
    const { signal } = new AbortController();
    const ask = (request: FitRequest) =>
      engine.fit(request, { signal, deadline: Number.POSITIVE_INFINITY, model: 'smoke' });
    try {
      await engine.warmUp();
      for (const each of cases) {
        const request = requestOf(each);
        const answer = await ask(request);
        expect(answer.method).toBe('model');
        // The networks alone answer as they do in Python: no face is shifted by the profile afterwards.
        const found = [...answer.box.center, ...answer.box.size, answer.box.yaw, answer.score];
        const { center, size, yaw, score } = each.answer;
        for (const [i, value] of [...center, ...size, yaw, score].entries())
          expect(Math.abs(found[i]! - value)).toBeLessThan(1e-3);
        if (!request.profile) continue;
        const untold = await ask({ ...request, profile: null });
        expect(untold.method).toBe('model');
        expect(untold.box).not.toEqual(answer.box);
      }
    } finally {
      await engine.close();
    }
  }, 600_000);
});
