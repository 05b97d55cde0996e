/** All clouds of one `nearbox build`. */
import path from 'node:path';
import { NearboxError } from '../../cache/foundation/index.ts';
import { type BuiltCloud, buildCloud } from './build-cloud.ts';
import { cloudName } from './inputs/index.ts';
import { type BuildOptions, resolveBuildOptions } from './options.ts';
import { checkPlace } from './output/index.ts';

export interface BuildCloudsOptions extends BuildOptions {
  /** Makes of all inputs the one cloud `outDir`, instead of `outDir/NAME` from each. Default: false. */
  readonly merge?: boolean;
}

export interface BuildResult {
  /** In the order of the inputs. */
  readonly clouds: readonly BuiltCloud[];
}

/**
 * Each input becomes the cloud `outDir/NAME`; with `merge` they become the one cloud `outDir`.
 * Names and places are checked before anything is read: two inputs of one name, or a cloud that exists, are an `invalid_request`.
 * The clouds are built one after the other; those that are done stay if a later one fails.
 */
export async function buildClouds(
  inputs: readonly string[],
  outDir: string,
  options: BuildCloudsOptions = {},
): Promise<BuildResult> {
  const { merge = false, onProgress, ...rest } = options;
  const { force, poses } = resolveBuildOptions(rest);
  if (inputs.length === 0) throw new NearboxError('invalid_request', 'name at least one input');
  const names = distinctNames(inputs);
  if (merge)
    return { clouds: [await buildCloud(inputs, outDir, { ...rest, ...(onProgress && { onProgress }) })] };
  if (poses !== null) throw new NearboxError('invalid_request', '--poses goes with --merge');

  const folders = names.map((name) => path.join(outDir, name));
  for (const folder of folders) await checkPlace(folder, force);
  const clouds: BuiltCloud[] = [];
  for (const [index, input] of inputs.entries()) {
    const cloud = await buildCloud([input], folders[index]!, {
      ...rest,
      onProgress: (fraction, stage) => onProgress?.((index + fraction) / inputs.length, stage),
    });
    clouds.push(cloud);
  }
  return { clouds };
}

function distinctNames(inputs: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const input of inputs) {
    const name = cloudName(input);
    const other = seen.get(name);
    if (other !== undefined) {
      throw new NearboxError('invalid_request', `${other} and ${input} would both become the cloud ${name}`);
    }
    seen.set(name, input);
  }
  return [...seen.keys()];
}
