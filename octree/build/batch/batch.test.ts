import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildClouds } from '../index.ts';
import { filesOf, kittiBytes, scenePoints, useScratch } from '../testing/index.ts';
import { listInputs } from './list-inputs.ts';
import { isInShard, parseShard } from './shard.ts';

const scratch = useScratch();
let folder = '';

beforeAll(async () => {
  folder = scratch.path('frames');
  await mkdir(scratch.path('frames', 'night'), { recursive: true });
  for (let i = 0; i < 6; i++) {
    const bytes = kittiBytes(scenePoints(100 + i, i + 1));
    await writeFile(scratch.path('frames', `00000${i}.bin`), i === 2 ? bytes.subarray(0, 777) : bytes);
  }
  await writeFile(scratch.path('frames', 'night', 'a%20b.BIN'), kittiBytes(scenePoints(50, 9)));
  await writeFile(scratch.path('frames', 'readme.txt.bak'), 'no points');
});

describe('inputs of a batch', () => {
  it('are the point files of folders, with their folders in the ids', async () => {
    const listed = await listInputs([folder]);
    expect(listed.map(({ id }) => id)).toEqual([
      '000000',
      '000001',
      '000002',
      '000003',
      '000004',
      '000005',
      'night/a b',
    ]);
  });

  it('come from lists, in which comments and empty lines are skipped', async () => {
    const list = await scratch.write(
      'list.txt',
      `\uFEFF# frames\r\n\r\n${scratch.path('frames', '000000.bin')}\r\nhttps://host.example/a/b%20c.pcd?sig=1\nnowhere.bin\n`,
    );
    expect(await listInputs([`@${list}`, '-'])).toEqual([
      { input: scratch.path('frames', '000000.bin'), id: '000000' },
      { input: 'https://host.example/a/b%20c.pcd?sig=1', id: 'b c' },
      { input: 'nowhere.bin', id: 'nowhere' },
      { input: '-', id: 'stdin' },
    ]);
  });

  it.each<[string, () => string[], RegExp]>([
    ['a file that is not there', () => ['nowhere.bin'], /nowhere\.bin: no such file/],
    ['a list that is not there', () => ['@nowhere.txt'], /nowhere\.txt: no such file/],
    ['no point files', () => [scratch.path('frames', 'night', '..', '..', 'empty')], /no point files/],
  ])('%s: refused', async (_, inputs, message) => {
    await mkdir(scratch.path('empty'), { recursive: true });
    await expect(listInputs(inputs())).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});

describe('shards', () => {
  it('split the ids into parts that have nothing in common, evenly', () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `sequence/${String(i).padStart(6, '0')}`);
    const parts = [0, 1, 2].map((index) => ids.filter((id) => isInShard(id, { index, count: 3 })));
    expect(parts.flat().toSorted()).toEqual(ids);
    for (const part of parts) expect(part.length).toBeGreaterThan(900);
    // The same on every machine, today and tomorrow.
    expect(
      ['000000', '000001', '000002', '000003'].map((id) => isInShard(id, { index: 0, count: 2 })),
    ).toEqual([true, true, false, false]);
  });

  it.each(['', '1', '3/3', '-1/3', '0/0', '1/x', '1.5/3'])('refuse %j', (text) => {
    expect(() => parseShard(text)).toThrow(/I\/N/);
  });
});

describe('a batch with a bad input', () => {
  it('builds the others, in threads and without, and says which is bad', async () => {
    const one = await buildClouds([folder], scratch.path('one'), { jobs: 1 });
    const two = await buildClouds([folder], scratch.path('two'), { jobs: 2 });
    for (const result of [one, two]) {
      expect(result.clouds.map(({ id }) => id)).toEqual([
        '000000',
        '000001',
        '000003',
        '000004',
        '000005',
        'night/a b',
      ]);
      expect(result.failed).toMatchObject([
        {
          id: '000002',
          error: { code: 'invalid_request', message: expect.stringMatching(/000002\.bin: .*cut off/) },
        },
      ]);
    }
    expect(await filesOf(scratch.path('one'))).toEqual(await filesOf(scratch.path('two')));
  });

  it('goes on where it stopped, and ends with the same files', async () => {
    const out = scratch.path('again');
    await cp(scratch.path('one'), out, { recursive: true });
    await rm(scratch.path('again', '000003'), { recursive: true });
    const result = await buildClouds([folder], out, { jobs: 1, skipExisting: true });
    expect(result.clouds.map(({ id }) => id)).toEqual(['000003']);
    expect(result.skipped).toHaveLength(5);
    expect(result.failed).toHaveLength(1);
    expect(await filesOf(out)).toEqual(await filesOf(scratch.path('one')));
  });

  it('does not take a cloud of another input, or with other options, for done', async () => {
    const out = scratch.path('one');
    const other = await buildClouds([folder], out, { jobs: 1, skipExisting: true, scale: 0.01 });
    expect(other.skipped).toEqual([]);
    expect(other.failed.filter(({ error }) => /built from another input/.test(error.message))).toHaveLength(
      6,
    );
    const forced = await buildClouds([folder], scratch.path('again'), {
      jobs: 1,
      skipExisting: true,
      force: true,
      encoding: 'binary',
    });
    expect(forced.clouds).toHaveLength(6);
  });

  it('takes a default that is stated for the same as one that is left out', async () => {
    const input = scratch.path('frames', '000000.bin');
    const out = scratch.path('defaults');
    await buildClouds([input], out, { skipExisting: true });
    for (const stated of [
      { to: 'ept' },
      { encoding: 'zstandard', to: 'ept' },
      { wildPoints: 'drop' },
    ] as const) {
      const { skipped } = await buildClouds([input], out, { skipExisting: true, ...stated });
      expect(skipped).toHaveLength(1);
    }
    await buildClouds([input], out, { skipExisting: true, to: 'copc' });
    const { skipped } = await buildClouds([input], out, {
      skipExisting: true,
      to: 'copc',
      encoding: 'laszip',
    });
    expect(skipped).toHaveLength(1);
  });

  it('is refused as a whole where clouds are there and nothing says what to do with them', async () => {
    await expect(buildClouds([folder], scratch.path('one'))).rejects.toThrow(/--force.*--skip-existing/);
  });
});

describe('an output that cannot be written', () => {
  it.each(['gs://bucket/x', 'https://host/x', 's3://', 's3:/x', 'file:///x'])('%s', async (out) => {
    await expect(buildClouds([folder], out)).rejects.toMatchObject({ code: 'invalid_request' });
    expect(existsSync(out.split('/')[0]!)).toBe(false);
  });

  it.runIf(existsSync('/proc/self'))(
    'a folder in which nothing can be made: one error, no work',
    async () => {
      let done = 0;
      const building = buildClouds([folder], '/proc/x', { onProgress: () => done++ });
      await expect(building).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringMatching(/^\/proc\/x cannot be created/),
      });
      expect(done).toBe(0);
    },
  );
});

it('a fingerprint is with the cloud', async () => {
  const manifest = await readFile(scratch.path('one', '000000', 'ept-sources', 'manifest.json'), 'utf8');
  expect(JSON.parse(manifest)[0].fingerprint).toMatch(/^[0-9a-f]{32}$/);
});
