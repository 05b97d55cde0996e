/**
 * `nearbox/build`: clouds from a program, also of points that no reader here knows.
 *
 * ```ts
 * import { build } from 'nearbox/build';
 *
 * await build(
 *   {
 *     name: 'sweep 7',
 *     intensity: 'float32',
 *     *points() {
 *       yield { x: [1, 2], y: [0, 0], z: [0.5, 0.5], intensity: [0.1, 0.9] };
 *     },
 *   },
 *   'clouds/sweep-7',
 *   { timestamp: 1557540000.25 },
 * );
 * ```
 */
import { type BuiltCloud, buildInto } from './build-cloud.ts';
import { type PointSource, sourceInput } from './inputs/index.ts';
import type { BuildOptions } from './options.ts';
import { openTarget, splitOut } from './output/index.ts';

export { type BuildCloudsOptions, type BuildResult, buildClouds } from './batch/index.ts';
export type { BuiltCloud } from './build-cloud.ts';
export type { PointChunk, PointSource } from './inputs/index.ts';
export type { BuildOptions } from './options.ts';
export type { Attribute } from './points/index.ts';

/**
 * Builds one cloud from files, sources of points, or several of both. `options` are those of `nearbox build`,
 * and the cloud's pose and timestamp. To build many clouds from files, as the command does, use
 * `buildClouds`.
 *
 * @param inputs paths of local files, and sources of points
 * @param out the cloud: a folder, or `s3://BUCKET/PREFIX/NAME`; with `to: 'copc'` a name that ends in
 * `.copc.laz`
 * @returns counts, bytes, warnings, and the dimensions that were not stored
 * @throws NearboxError with `code` `invalid_request` if inputs or options are invalid or the cloud exists
 * already; errors of a source are passed on
 */
export async function build(
  inputs: string | PointSource | readonly (string | PointSource)[],
  out: string,
  options: BuildOptions = {},
): Promise<BuiltCloud> {
  const list =
    typeof inputs === 'string' || !Array.isArray(inputs) ? [inputs as string | PointSource] : inputs;
  const { parent, name } = splitOut(out);
  const target = openTarget(parent);
  try {
    const given = list.map((input: string | PointSource) =>
      typeof input === 'string' ? input : sourceInput(input),
    );
    return await buildInto({ target, id: name, inputs: given }, options);
  } finally {
    target.close();
  }
}
