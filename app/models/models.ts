/** The versions of the network that a server holds: the shipped one and those in a folder. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ModelIdentity, readModelIdentity, SHIPPED_MODEL } from '../../inference/index.ts';
import { ConfigError, type ServeConfig } from '../config/index.ts';
import { ModelChoice } from './model-choice.ts';

export interface FoundModels {
  /** The folder of each version, the default first. */
  readonly folders: readonly [string, ...string[]];
  readonly choice: ModelChoice;
}

interface FoundModel {
  readonly folder: string;
  readonly model: ModelIdentity;
}

type ModelConfig = Pick<
  ServeConfig,
  'modelFolder' | 'models' | 'defaultModel' | 'canaryModel' | 'canaryShare'
>;

/**
 * Reads each model.json once; the weights are checked when they are loaded.
 * @throws ConfigError if a folder cannot be read or is none of a network, if two hold one version, or if an
 *   option names a version that is not there.
 */
export function findModels(config: ModelConfig): FoundModels {
  const base = readModel(config.modelFolder ?? SHIPPED_MODEL);
  const all = [base, ...(config.models === undefined ? [] : foldersIn(config.models).map(readModel))];
  requireDistinct(all);
  const first = named(all, '--default-model', config.defaultModel) ?? base;
  const canary = named(all, '--canary-model', config.canaryModel);
  if (canary === first)
    throw new ConfigError([`--canary-model ${first.model.version} is the default version already`]);
  const others = all.filter((one) => one !== first);
  return {
    folders: [first.folder, ...others.map(({ folder }) => folder)],
    choice: new ModelChoice({
      models: [first.model, ...others.map(({ model }) => model)],
      canary: canary && { version: canary.model.version, share: config.canaryShare },
    }),
  };
}

function readModel(folder: string): FoundModel {
  try {
    return { folder, model: readModelIdentity(folder) };
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

/** Subfolders, links to folders included. Hidden ones are how volumes of Kubernetes keep earlier states. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => path.join(folder, name))
      .filter((entry) => statSync(entry).isDirectory());
  } catch (error) {
    throw new ConfigError([`--models ${folder} cannot be read: ${(error as Error).message}`]);
  }
}

function requireDistinct(all: readonly FoundModel[]): void {
  const folders = new Map<string, string>();
  for (const { folder, model } of all) {
    const other = folders.get(model.version);
    if (other !== undefined)
      throw new ConfigError([`${other} and ${folder} are both version ${model.version} of the network`]);
    folders.set(model.version, folder);
  }
}

function named(
  all: readonly FoundModel[],
  flag: string,
  version: string | undefined,
): FoundModel | undefined {
  if (version === undefined) return undefined;
  const found = all.find(({ model }) => model.version === version);
  if (found === undefined) {
    const versions = all.map(({ model }) => model.version).join(', ');
    throw new ConfigError([`${flag} ${version}: unknown version; the versions are ${versions}`]);
  }
  return found;
}
