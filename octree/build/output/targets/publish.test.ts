import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuildOptions, buildCloud } from '../../index.ts';
import { filesOf, kittiBytes, namesIn, readCloud, scenePoints, useScratch } from '../../testing/index.ts';
import { folderBeside } from './building-folder.ts';

const scratch = useScratch();
const SMALL: BuildOptions = { span: 16, maxNodePoints: 500 };
let input = '';

beforeAll(async () => {
  input = await scratch.write('frame.bin', kittiBytes(scenePoints(5000)));
});

describe('an output that is there already', () => {
  it('is replaced with force alone, and whole', async () => {
    const folder = scratch.path('again');
    await buildCloud([input], folder, { ...SMALL, encoding: 'binary' });
    const before = await filesOf(folder);
    await expect(buildCloud([input], folder, SMALL)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('--force'),
    });
    expect(await filesOf(folder)).toEqual(before);
    await buildCloud([input], folder, { ...SMALL, force: true });
    expect((await readCloud(folder)).metadata.dataType).toBe('zstandard');
    expect(existsSync(path.join(folder, 'ept-data', '0-0-0-0.bin'))).toBe(false);
    expect(await namesIn(scratch.path(), 'again')).toEqual(['again']);
  });

  it('is never replaced if it is not a cloud alone', async () => {
    const folder = scratch.path('precious');
    await mkdir(folder);
    await buildCloud([input], folder, SMALL);
    await writeFile(path.join(folder, 'thesis.txt'), 'x');
    await expect(buildCloud([input], folder, { force: true })).rejects.toThrow(
      /precious exists .*thesis\.txt/,
    );
    const file = await scratch.write('a-file', 'x');
    await expect(buildCloud([input], file, { force: true })).rejects.toThrow(/not a folder/);
    await expect(buildCloud([input], path.join(file, 'below'), { force: true })).rejects.toThrow(/a-file/);
  });

  it('is left as it was when the new one fails', async () => {
    const folder = scratch.path('kept');
    await buildCloud([input], folder, SMALL);
    const before = await filesOf(folder);
    const nan = await scratch.write('nan.bin', kittiBytes([{ x: Number.NaN, y: 0, z: 0, intensity: 0 }]));
    await expect(buildCloud([nan], folder, { force: true })).rejects.toThrow(
      /no point with finite coordinates/,
    );
    expect(await filesOf(folder)).toEqual(before);
    expect(await namesIn(scratch.path(), 'kept')).toEqual(['kept']);
  });
});

describe('a build that is aborted', () => {
  it.each(['read', 'write'] as const)('while it is to %s leaves nothing', async (stage) => {
    const abort = new AbortController();
    const name = `aborted-${stage}`;
    const options: BuildOptions = {
      ...SMALL,
      memoryPoints: 1200,
      signal: abort.signal,
      onProgress: (_, now) => {
        if (now === stage) abort.abort(new Error('enough'));
      },
    };
    await expect(buildCloud([input], scratch.path(name), options)).rejects.toThrow('enough');
    expect(await namesIn(scratch.path(), name)).toEqual([]);
  });

  it('before it begins reads nothing', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(buildCloud(['nowhere.bin'], scratch.path('x'), { signal })).rejects.toThrow('enough');
  });
});

describe('folders that a killed build left behind', () => {
  /** The number of a process that is over. */
  const deadPid = () => spawnSync(process.execPath, ['--version']).pid;
  const leftover = async (place: string, use: 'building' | 'replaced', pid: number) => {
    const name = folderBeside(place, use).replace(`-${process.pid}-`, `-${pid}-`);
    await mkdir(name);
    await writeFile(path.join(name, 'points.tmp'), 'x');
    return path.basename(name);
  };

  it('are removed by the next build of the same cloud; those of running ones and of other clouds stay', async () => {
    const folder = scratch.path('killed');
    const dead = deadPid();
    await leftover(folder, 'building', dead);
    await leftover(folder, 'replaced', dead);
    const running = await leftover(folder, 'building', process.pid);
    const other = await leftover(scratch.path('killed.too'), 'building', dead);
    const foreign = '~killed.building-00000000-1-000000000000';
    await mkdir(scratch.path(foreign));
    await buildCloud([input], folder, SMALL);
    expect((await namesIn(scratch.path(), 'killed')).sort()).toEqual(
      ['killed', running, other, foreign].sort(),
    );
  });

  it('have room for a name that is nearly as long as a file system has', async () => {
    const name = `long ${'é'.repeat(120)}`;
    const dead = await leftover(scratch.path(name), 'building', deadPid());
    expect(Buffer.byteLength(dead)).toBeLessThan(255);
    await buildCloud([input], scratch.path(name), SMALL);
    expect((await readdir(scratch.path())).filter((one) => one.includes('long'))).toEqual([name]);
  });

  it('an old cloud that was moved aside stays until there is a new one', async () => {
    const folder = scratch.path('aside');
    const aside = await leftover(folder, 'replaced', deadPid());
    await expect(buildCloud([scratch.path('nowhere.bin')], folder, SMALL)).rejects.toThrow();
    const nan = await scratch.write('nan2.bin', kittiBytes([{ x: Number.NaN, y: 0, z: 0, intensity: 0 }]));
    await expect(buildCloud([nan], folder, SMALL)).rejects.toThrow();
    expect(await namesIn(scratch.path(), 'aside')).toEqual([aside]);
  });

  it('two builds of one cloud at the same time: one wins, nothing is left', async () => {
    const folder = scratch.path('both');
    const results = await Promise.allSettled([
      buildCloud([input], folder, SMALL),
      buildCloud([input], folder, SMALL),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await namesIn(scratch.path(), 'both')).toEqual(['both']);
    expect((await readCloud(folder)).points).toHaveLength(5000);
  });
});

describe('a place where no folder can be made', () => {
  it.runIf(existsSync('/proc/self'))('is an error that names it, not a build that never ends', async () => {
    await expect(buildCloud([input], '/proc/x/y/z', SMALL)).rejects.toMatchObject({
      code: 'source_unavailable',
      message: expect.stringMatching(/^\/proc\/x cannot be created: /),
    });
  });
});
