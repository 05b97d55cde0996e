/**
 * The whole way from nothing: simulate, train for seconds, export, answer a click with what came out. Needs
 * Python with torch (`.ci/install-components`).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import { FitEngine } from '../index.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const python = findComponent('training-python');
const run = promisify(execFile);

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
      await script('simulate.py', '--out', out, '--scans', '1', '--per-shard', '1', '--seed', seed, '--workers', '1');
      shards.push(await readFile(path.join(out, 'shard-0000.npz')));
    }
    const [one, two, three] = shards;
    expect(two).toEqual(one);
    expect(three).not.toEqual(one);
  }, 120_000);

  it('goes from nothing to weights that answer', async () => {
    const sim = path.join(folder, 'sim');
    const model = path.join(folder, 'model');
    const propose = path.join(folder, 'propose.pt');
    const refine = path.join(folder, 'refine.pt');
    // Enough scans for the stored cases that export wants of each class.
    await script('simulate.py', '--out', sim, '--scans', '12', '--per-shard', '12', '--seed', '5', '--workers', '1');
    const brief = ['--data', sim, '--held', sim, '--threads', '1', '--points', '64', '--batch', '16', '--minutes', '0.1'];
    expect(await script('train.py', 'propose', ...brief, '--out', propose)).toMatch(/held \d+: /);
    await script('train.py', 'refine', ...brief, '--out', refine, '--propose', propose);
    await script('export.py', '--propose', propose, '--refine', refine, '--held', sim, '--out', model, '--version', 'smoke');

    const log = path.join(folder, 'propose.log');
    await writeFile(log, '200 12 s (60 ms) rate 1.0e-03 seg 0.3 all 4.0\nheld 200: car 0.512 0.31, van 0.4 0.2\n');
    await script('report.py', '--data', sim, '--logs', log, '--out', folder);
    expect(await readFile(path.join(folder, 'data.md'), 'utf8')).toMatch(/12 scans, \d+ objects[^]*\| car \| \d+/);
    expect(await readFile(path.join(folder, 'curves.svg'), 'utf8')).toContain('>proposal<');

    const { cases } = JSON.parse(await readFile(path.join(model, 'cases.json'), 'utf8')) as {
      cases: readonly { positions: string; request: { hint: { position: [number, number, number] } } }[];
    };
    const first = cases[0];
    if (first === undefined) throw new Error('export stored no case');
    const bytes = Buffer.from(first.positions, 'base64');
    const positions = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const engine = new FitEngine({ modelFolder: model });
    try {
      await engine.warmUp();
      expect(engine.model.version).toBe('smoke');
      const answer = await engine.fit(
        {
          crop: { origin: [0, 0, 0], positions, count: positions.length / 3 },
          hint: { type: 'click', position: first.request.hint.position, also: [] },
          class: null,
          size: null,
          sensor: null,
          others: [],
        },
        { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY },
      );
      expect(answer.method).toBe('model');
      for (const value of [...answer.box.center, ...answer.box.size, answer.box.yaw, answer.score])
        expect(value).toBeTypeOf('number');
      expect(Math.min(...answer.box.size)).toBeGreaterThan(0);
    } finally {
      await engine.close();
    }
  }, 600_000);
});
