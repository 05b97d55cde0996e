/** CLOUD on the command line: a path, or an id under --clouds. */
import { existsSync } from 'node:fs';
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
export function withCloudsFlag(command: Command): Command {
  return command.option(
    `--clouds <${SERVE_OPTIONS.clouds.value}>`,
    'where CLOUD is an id: the folder that holds the clouds',
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
  return { clouds: path.dirname(absolute), id: path.basename(absolute) };
}

/** Runs `work` with the services over one root, with every other option at its default unless given, and frees them afterwards. */
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
