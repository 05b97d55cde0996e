import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuildOptions, buildCloud } from './index.ts';
import { filesOf, namesIn } from './testing/folders.ts';
import { scenePoints } from './testing/points.ts';
import { readCloud } from './testing/read-cloud.ts';
import { useScratch } from './testing/scratch.ts';
import { kittiBytes } from './testing/write-raw.ts';

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
    await expect(buildCloud([nan], folder, { force: true })).rejects.toThrow(/no point that is finite/);
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
