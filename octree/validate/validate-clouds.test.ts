import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FolderSource } from '../../cache/index.ts';
import { buildClouds } from '../build/index.ts';
import { kittiBytes, scenePoints, useScratch } from '../build/testing/index.ts';
import { hasCloudsBelow, validateClouds } from './validate-clouds.ts';

const scratch = useScratch();
const { signal } = new AbortController();

describe('validateClouds', () => {
  it('says of every cloud below a prefix whether it is sound', async () => {
    const inputs = await Promise.all(
      ['a', 'b', 'c'].map((name, i) => scratch.write(`${name}.bin`, kittiBytes(scenePoints(100, i)))),
    );
    await buildClouds(inputs, scratch.path('root', 'day'), { jobs: 1 });
    await buildClouds(inputs.slice(0, 1), scratch.path('root', 'night'), { jobs: 1, to: 'copc' });
    await rm(scratch.path('root', 'day', 'b', 'ept-data', '0-0-0-0.zst'));
    const source = new FolderSource({ root: scratch.path('root') });

    const all = await validateClouds({ source, prefix: '', signal });
    expect(all).toMatchObject({ sound: 3, damaged: 1, points: 300 });
    expect(all.clouds.map(({ id, errors }) => [id, errors])).toEqual([
      ['day/a', 0],
      ['day/b', 1],
      ['day/c', 0],
      ['night/a.copc.laz', 0],
    ]);
    expect(all.clouds[1]!.first).toMatch(/0-0-0-0: its file is missing/);
    expect(await validateClouds({ source, prefix: 'night', signal })).toMatchObject({ sound: 1, damaged: 0 });
    await expect(validateClouds({ source, prefix: 'none', signal })).rejects.toMatchObject({
      code: 'cloud_not_found',
    });
    expect(await hasCloudsBelow(source, 'day', signal)).toBe(true);
    expect(await hasCloudsBelow(source, 'day/a', signal)).toBe(false);
    expect(await hasCloudsBelow(source, 'none', signal)).toBe(false);
  });
});
