import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONFORMANCE_FILES, describeByteSource } from '../testing/index.ts';
import { FolderSource } from './folder-source.ts';

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'nearbox-folder-'));
  for (const [name, bytes] of CONFORMANCE_FILES) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), bytes);
  }
  return root;
}

describeByteSource('FolderSource', async () => {
  const root = await makeRoot();
  return {
    source: new FolderSource({ root }),
    replace: (name, bytes) => writeFile(path.join(root, name), bytes),
    close: () => rm(root, { recursive: true }),
  };
});

describe('FolderSource', () => {
  let outer: string;
  let root: string;
  beforeEach(async () => {
    outer = await mkdtemp(path.join(tmpdir(), 'nearbox-outer-'));
    root = path.join(outer, 'root');
    await mkdir(path.join(root, 'inside'), { recursive: true });
    await writeFile(path.join(outer, 'secret'), 'secret');
    await writeFile(path.join(outer, 'root-too'), 'secret');
    await writeFile(path.join(root, 'inside', 'file'), 'content');
  });
  afterEach(() => rm(outer, { recursive: true }));

  test('follows links below the root, and none that leave it', async () => {
    await symlink('inside/file', path.join(root, 'good'));
    await symlink(path.join(root, 'inside'), path.join(root, 'good-folder'));
    await symlink('../secret', path.join(root, 'bad'));
    await symlink(path.join(outer, 'root-too'), path.join(root, 'bad-beside'));
    await symlink('..', path.join(root, 'bad-folder'));
    await symlink('circle', path.join(root, 'circle'));
    const source = new FolderSource({ root });
    expect((await source.read('good'))?.size).toBe(7);
    expect((await source.read('good-folder/file'))?.size).toBe(7);
    for (const name of ['bad', 'bad-beside', 'bad-folder/secret', 'circle', 'bad-folder']) {
      expect(await source.read(name), name).toBeNull();
      expect(await source.stat(name), name).toBeNull();
    }
    expect(await source.list('')).toEqual({ folders: ['good-folder', 'inside'], files: ['good'] });
  });

  test('follows no link below the root where it is told not to', async () => {
    await mkdir(path.join(root, 'other'));
    await symlink('../inside/file', path.join(root, 'other', 'file'));
    await symlink('inside', path.join(root, 'folder'));
    await symlink(root, path.join(outer, 'link'));
    const source = new FolderSource({ root: path.join(outer, 'link'), followLinks: false });
    expect((await source.read('inside/file'))?.size).toBe(7);
    for (const name of ['other/file', 'folder/file']) {
      expect(await source.read(name), name).toBeNull();
      expect(await source.stat(name), name).toBeNull();
    }
    expect(await source.list('')).toMatchObject({ folders: ['inside', 'other'] });
    expect(await source.list('folder')).toBeNull();
  });

  test('reads a root that is itself a link', async () => {
    await symlink(root, path.join(outer, 'link'));
    const source = new FolderSource({ root: path.join(outer, 'link') });
    expect((await source.read('inside/file'))?.size).toBe(7);
    expect(source.rootName).toBe('link');
  });

  test('does not wait at a FIFO, nor read a folder', async () => {
    execFileSync('mkfifo', [path.join(root, 'fifo')]);
    const source = new FolderSource({ root });
    expect(await source.read('fifo')).toBeNull();
    expect(await source.stat('fifo')).toBeNull();
    expect(await source.read('inside')).toBeNull();
  });

  test('notices a replacement of the same size and time by the inode', async () => {
    const source = new FolderSource({ root });
    const file = path.join(root, 'inside', 'file');
    await utimes(file, 1, 1);
    const before = await source.stat('inside/file');
    await writeFile(path.join(root, 'other'), 'CONTENT');
    await utimes(path.join(root, 'other'), 1, 1);
    await rename(path.join(root, 'other'), file);
    expect((await source.stat('inside/file'))?.etag).not.toBe(before?.etag);
  });

  test('says that the storage failed when the root is gone', async () => {
    const source = new FolderSource({ root: path.join(outer, 'nowhere') });
    await expect(source.read('ept.json')).rejects.toMatchObject({ code: 'source_unavailable' });
  });

  test('has the limit of its options', async () => {
    const source = new FolderSource({ root, maxReadBytes: 6 });
    await expect(source.read('inside/file')).rejects.toMatchObject({ code: 'source_unavailable', limit: 6 });
    expect(await source.read('inside/file', { range: { offset: 0, length: 6 } })).not.toBeNull();
  });

  test.each([{ root: '' }, { root: 'a\0b' }, { root: '/', maxReadBytes: 0 }])(
    'refuses the options %j',
    (options) => {
      expect(() => new FolderSource(options)).toThrow(TypeError);
    },
  );

  test('says when a file and the folders above it were put in their place', async () => {
    const source = new FolderSource({ root });
    const tokenOf = async () => (await source.stat('inside/file'))?.placement?.token;
    const before = await tokenOf();
    expect(before).toBeDefined();
    expect((await source.read('inside/file'))?.placement?.token).toBe(before);
    // A neighbour, of the file or of its folder, changes nothing.
    await writeFile(path.join(root, 'inside', 'other'), 'x');
    await mkdir(path.join(root, 'beside'));
    expect(await tokenOf()).toBe(before);
    // Away and back again does, for the folder and for the file.
    await rename(path.join(root, 'inside'), path.join(root, 'aside'));
    await rename(path.join(root, 'aside'), path.join(root, 'inside'));
    const moved = await tokenOf();
    expect(moved).not.toBe(before);
    await rename(path.join(root, 'inside', 'file'), path.join(root, 'inside', 'away'));
    await rename(path.join(root, 'inside', 'away'), path.join(root, 'inside', 'file'));
    expect(await tokenOf()).not.toBe(moved);
    // A link can be turned unnoticed.
    await symlink(path.join(root, 'inside'), path.join(root, 'link'));
    expect((await source.stat('link/file'))?.placement).toBeUndefined();
  });
});
