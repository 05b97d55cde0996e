/** Outputs that cannot be written are refused before the inputs are read. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { main } from './main.ts';

let folder = '';
let error = '';
const at = (...parts: string[]) => path.join(folder, ...parts);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-writable-'));
  await writeFile(at('file'), 'old');
  await mkdir(at('folder.json'));
  error = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    error += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** Inputs that are missing: an error about them would come after the one about the output. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  track: ['nowhere'],
  profile: ['nowhere'],
  crop: ['nowhere', '--at', '0,0,0'],
  convert: ['nowhere', '--to', 'openlabel'],
};
const call = (command: string, out: string) =>
  main([command, ...CALLS[command]!.map((word) => word.replace('nowhere', at('nowhere'))), '--out', out]);

it.each([
  ['track', 'folder.json'],
  ['track', 'missing/tracks.json'],
  ['track', 'file/tracks.json'],
  ['profile', 'folder.json'],
  ['profile', 'file/deep/profile.json'],
  ['crop', 'folder.json'],
  ['crop', 'missing/car.ply'],
  ['convert', 'folder.json'],
  ['convert', 'file/deep/labels.json'],
  ['convert', 'file'],
  ['convert', 'file/labels'],
])('%s --out %s', async (command, out) => {
  expect([await call(command, at(out)), error]).toEqual([
    2,
    expect.stringMatching(/--out \S+ cannot be written/),
  ]);
  expect((await readdir(folder)).sort()).toEqual(['file', 'folder.json']);
});

it.each(['track', 'profile', 'crop', 'convert'])(
  '%s only tries an output that can be written',
  async (command) => {
    await writeFile(at('labels.json'), 'old');
    expect(await call(command, at('labels.json'))).not.toBe(0);
    expect(await call(command, at('new.json'))).not.toBe(0);
    expect(error).not.toContain('cannot be written');
    expect(await readFile(at('labels.json'), 'utf8')).toBe('old');
    expect(existsSync(at('new.json'))).toBe(false);
  },
);

it.each(['profile', 'convert'])(
  '%s makes the folder of its output, but not before the work',
  async (command) => {
    expect(await call(command, at('a', 'b', 'out.json'))).not.toBe(0);
    expect(error).not.toContain('cannot be written');
    expect(existsSync(at('a'))).toBe(false);
  },
);
