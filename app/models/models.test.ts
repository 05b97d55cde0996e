import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModelIdentity, SHIPPED_MODEL } from '../../inference/index.ts';
import { ConfigError, parseServeConfig } from '../config/index.ts';
import { findModels } from './models.ts';
import { copyModel } from './testing/index.ts';

const shipped = readModelIdentity(SHIPPED_MODEL).version;
let root = '';

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'nearbox-models-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const find = (options: Readonly<Record<string, string>> = {}) =>
  findModels(parseServeConfig({ models: root, ...options }));

function problemOf(options: Readonly<Record<string, string>> = {}): string {
  try {
    find(options);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the models were taken');
}

describe('findModels', () => {
  it('has the shipped network alone without a folder of others', () => {
    const { folders, choice } = findModels(parseServeConfig({}));
    expect(folders).toEqual([SHIPPED_MODEL]);
    expect(choice.models.map(({ version }) => version)).toEqual([shipped]);
  });

  it('has the shipped network and one for each folder, links too, hidden ones and files not', async () => {
    await copyModel(path.join(root, '.kept', 'next'), 'next');
    await symlink(path.join('.kept', 'next'), path.join(root, 'next'));
    await copyModel(path.join(root, 'a'), 'a');
    await writeFile(path.join(root, 'README'), 'ours');
    const { folders, choice } = find();
    expect(folders).toEqual([SHIPPED_MODEL, path.join(root, 'a'), path.join(root, 'next')]);
    expect(choice.models.map(({ version }) => version)).toEqual([shipped, 'a', 'next']);
  });

  it('puts the default first', async () => {
    await copyModel(path.join(root, 'a'), 'a');
    const { folders, choice } = find({ defaultModel: 'a' });
    expect(folders).toEqual([path.join(root, 'a'), SHIPPED_MODEL]);
    expect(choice.versionFor({ model: null, caller: null, cloud: 'x' })).toBe('a');
  });

  it('knows the canary', async () => {
    await copyModel(path.join(root, 'a'), 'a');
    const { choice } = find({ canaryModel: 'a', canaryShare: '1' });
    expect(choice.versionFor({ model: null, caller: null, cloud: 'x' })).toBe('a');
  });

  it('refuses a folder that is not there, or holds a folder without a network', async () => {
    expect(problemOf({ models: path.join(root, 'none') })).toMatch(/^--models .*none cannot be read: ENOENT/);
    await mkdir(path.join(root, 'empty'));
    expect(problemOf()).toContain(path.join(root, 'empty', 'model.json'));
  });

  it('names the file that does not describe a network', async () => {
    await mkdir(path.join(root, 'bad'));
    await writeFile(path.join(root, 'bad', 'model.json'), '{"name":');
    expect(problemOf()).toContain(`${path.join(root, 'bad', 'model.json')} does not describe a network`);
  });

  it('names both folders of one version', async () => {
    await copyModel(path.join(root, 'a'), shipped);
    expect(problemOf()).toBe(
      `${SHIPPED_MODEL} and ${path.join(root, 'a')} are both version ${shipped} of the network`,
    );
  });

  it('refuses versions that are not there, and the default as canary', () => {
    const none = `unknown version; the versions are ${shipped}`;
    expect(problemOf({ defaultModel: 'x' })).toBe(`--default-model x: ${none}`);
    expect(problemOf({ canaryModel: 'x' })).toBe(`--canary-model x: ${none}`);
    expect(problemOf({ canaryModel: shipped })).toBe(
      `--canary-model ${shipped} is the default version already`,
    );
  });
});
