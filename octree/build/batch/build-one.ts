/** Builds one cloud of a batch, unless it exists already. */
import { stat } from 'node:fs/promises';
import { NearboxError } from '../../../cache/foundation/index.ts';
import { type BuiltCloud, buildInto } from '../build-cloud.ts';
import { type BuildOptions, resolveBuildOptions } from '../options.ts';
import { type CloudTarget, fingerprint, hashFile } from '../output/index.ts';
import { withFrameOptions } from './input-frame.ts';
import { type BatchInput, isRemote, STANDARD_INPUT } from './list-inputs.ts';
import { remoteIdentity, shown, withLocalCopy } from './local-copy.ts';

/** Structured-cloneable, because it is sent to worker threads. */
export interface OneJob extends BatchInput {
  readonly skipExisting: boolean;
  readonly options: Omit<BuildOptions, 'signal' | 'onProgress'>;
}

export type OneResult =
  | ({ readonly status: 'built'; readonly input: string } & BuiltCloud)
  | { readonly status: 'skipped'; readonly input: string; readonly id: string };

export async function buildOne(
  target: CloudTarget,
  job: OneJob,
  { signal, onProgress }: Pick<BuildOptions, 'signal' | 'onProgress'> = {},
): Promise<OneResult> {
  const { input, id, frame, skipExisting } = job;
  const options = withFrameOptions(job.options, frame);
  const known = isRemote(input) ? await remoteIdentity(input, signal) : null;
  const build = async (file: string): Promise<OneResult> => {
    const print = printOf(known ?? (await hashOnce(file, frame?.part !== undefined, signal)), job);
    if (skipExisting && (await isDone(target, id, print, options.force === true)))
      return { status: 'skipped', input, id };
    try {
      const built = await buildInto(
        {
          ...{
            target,
            id,
            inputs: [file],
            names: [shown(input)],
            fingerprint: print,
            isAbsent: skipExisting,
          },
          ...(frame?.transform && { transforms: [frame.transform] }),
          ...(frame?.part !== undefined && { part: frame.part }),
        },
        { ...options, ...(signal && { signal }), ...(onProgress && { onProgress }) },
      );
      return { status: 'built', input, ...built };
    } catch (error) {
      throw named(error, file, shown(input));
    }
  };
  if (
    known !== null &&
    skipExisting &&
    (await isDone(target, id, printOf(known, job), options.force === true))
  )
    return { status: 'skipped', input, id };
  return isRemote(input) || input === STANDARD_INPUT ? withLocalCopy(input, build, signal) : build(input);
}

/**
 * True if the cloud exists and was built from the same input with the same options. Throws `invalid_request`
 * if it was built from something else.
 */
async function isDone(target: CloudTarget, id: string, print: string, force: boolean): Promise<boolean> {
  const existing = await target.existing(id);
  if (existing === null) return false;
  if (existing.fingerprint === print) {
    await target.removeLeftovers(id);
    return true;
  }
  if (force) return false;
  throw new NearboxError(
    'invalid_request',
    `the cloud ${id} exists already, built from another input or with other options: replace it with --force`,
  );
}

/** The same for a default that is stated and one that is left out. */
function printOf(source: string, { options, input, frame }: OneJob): string {
  const { force: _, ...rest } = options;
  const { to, encoding, wildPoints } = resolveBuildOptions(rest);
  const stored = to === 'copc' ? {} : { encoding };
  const { encoding: _stated, ...others } = rest;
  // If no format is stated, the ending of the name decides.
  const ending = /(\.pcd)?\.[^./]*$/.exec(shown(input).toLowerCase())?.[0] ?? '';
  return fingerprint([source], { ...others, to, ...stored, wildPoints, ending, ...(frame && { frame }) });
}

/** A file with many clouds is hashed once, not once per cloud. */
async function hashOnce(file: string, hasParts: boolean, signal?: AbortSignal): Promise<string> {
  if (!hasParts) return hashFile(file, signal);
  const { size, mtimeMs } = await stat(file);
  const state = `${file} ${size} ${mtimeMs}`;
  if (lastHash?.state !== state) lastHash = { state, hash: await hashFile(file, signal) };
  return lastHash.hash;
}

let lastHash: { readonly state: string; readonly hash: string } | undefined;

/** Replaces the path of the local copy by the name of the input in messages. */
function named(error: unknown, file: string, input: string): unknown {
  if (error instanceof NearboxError && file !== input) error.message = error.message.replaceAll(file, input);
  return error;
}
