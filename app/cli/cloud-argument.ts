/** CLOUD on the command line: a path, or an id under --clouds. */
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { parseServeConfig, SERVE_OPTIONS } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { openServices, type Services } from '../services/index.ts';
import { UsageError } from './exit-codes.ts';

/** Where a cloud is: the root that holds it, and its id under that root. */
export interface CloudLocation {
  readonly clouds: string;
  readonly id: string;
}

/** Adds --clouds, for a CLOUD that is an id. */
function withCloudsFlag(command: Command): Command {
  return command.option(
    `--clouds <${SERVE_OPTIONS.clouds.value}>`,
    'folder of the clouds, if CLOUD is an id',
  );
}

/** How a storage is read: by every command that opens one. */
const STORAGE_OPTIONS = ['forbiddenMeansAbsent', 'followLinks', 'storageDates', 'storageTimeoutMs'] as const;
/** What a command may read of a cloud, and what a click means. */
const READING_OPTIONS = [...STORAGE_OPTIONS, 'maxNodes', 'maxPoints', 'clickRadius'] as const;

/** Adds --clouds and the options of the storage, each with its environment twin. */
export function withStorageFlags(command: Command): Command {
  return withServerOptions(withCloudsFlag(command), STORAGE_OPTIONS);
}

/** Adds --clouds and the options of reading clouds, each with its environment twin. */
export function withReadingFlags(command: Command): Command {
  return withServerOptions(withCloudsFlag(command), READING_OPTIONS);
}

/** Adds options of the server, as the server declares them. */
function withServerOptions(command: Command, names: readonly (keyof typeof SERVE_OPTIONS)[]): Command {
  for (const name of names) {
    const { flag, value, description, default: standard } = SERVE_OPTIONS[name];
    command.option(`--${flag} <${value}>`, `${description} (default: ${standard})`);
  }
  return command;
}

/** The options of the server among a command's flags. */
export function serverOptionsOf(flags: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name]) => (READING_OPTIONS as readonly string[]).includes(name)),
  );
}

/** Adds --model-folder, for a network other than the shipped one. */
export function withModelFlag(command: Command): Command {
  const { flag, value, description } = SERVE_OPTIONS.modelFolder;
  return command.option(`--${flag} <${value}>`, description);
}

/** @throws UsageError if a path names nothing. */
export function locateCloud(cloud: string, clouds: string | undefined): CloudLocation {
  if (clouds !== undefined) return { clouds, id: cloud };
  const absolute = path.resolve(cloud);
  if (!existsSync(absolute))
    throw new UsageError(`there is no cloud at ${cloud}; give a path, or an id together with --clouds`);
  // The path itself may be a link; below its folder none is followed by default.
  const real = realpathSync(absolute);
  return { clouds: path.dirname(real), id: path.basename(real) };
}

/**
 * Runs `work` with the services over one root, with every other option at its default unless given, and frees
 * them afterwards.
 */
export async function withServices<T>(
  clouds: string | undefined,
  work: (services: Services) => Promise<T>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const services = await openServices(parseServeConfig({ ...options, clouds }), silentLog);
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
