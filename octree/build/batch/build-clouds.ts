/** All clouds of one `nearbox build`. */
import os from 'node:os';
import { NearboxError, whenAborted } from '../../../cache/foundation/index.ts';
import { WorkerPool } from '../../../cache/workers/index.ts';
import { COPC_EXTENSION } from '../../formats/index.ts';
import { type BuiltCloud, buildInto } from '../build-cloud.ts';
import type { BuildPose, InputFormat } from '../inputs/index.ts';
import { type BuildFormat, type BuildOptions, type BuildStage, resolveBuildOptions } from '../options.ts';
import { type CloudTarget, openTarget, splitOut } from '../output/index.ts';
import { buildOne, type OneJob, type OneResult } from './build-one.ts';
import type { BuildWorkerData } from './build-worker.ts';
import { frameToWorld, withFrameOptions } from './input-frame.ts';
import { type BatchInput, type FolderReader, isRemote, listInputs, STANDARD_INPUT } from './list-inputs.ts';
import { shown, withLocalCopy } from './local-copy.ts';
import { type BuildShard, isInShard } from './shard.ts';
import { usefulThreads } from './threads.ts';

export interface BuildCloudsOptions extends Omit<BuildOptions, 'onProgress'> {
  /** Joins all inputs into one cloud, `out`, instead of one cloud `out/NAME` per input. Default: false. */
  readonly merge?: boolean;
  /** Clouds that are built at the same time, each in its own thread. Default: the number of cores. */
  readonly jobs?: number;
  /** This machine's part of the batch. Default: all of it. */
  readonly shard?: BuildShard;
  /**
   * Skips clouds that exist already and were built from the same input with the same options. Default: false.
   */
  readonly skipExisting?: boolean;
  /** Finds the frames of data sets in folders. Default: a folder is a list of point files. */
  readonly readFolder?: FolderReader;
  /** Called with the progress of the whole work, 0..1 and never falling, and with what is done so far. */
  readonly onProgress?: (fraction: number, stage: BuildStage, counts: BatchCounts) => void;
}

/** The progress of a batch. */
export interface BatchCounts {
  readonly clouds: number;
  readonly built: number;
  readonly skipped: number;
  readonly failed: number;
  /** Points of the clouds that were built. */
  readonly points: number;
}

/** An input that could not be built. */
interface FailedInput {
  readonly input: string;
  readonly id: string;
  readonly error: Error;
}

export interface BuildResult {
  /** In the order of the inputs. */
  readonly clouds: readonly (BuiltCloud & { readonly input?: string })[];
  readonly skipped: readonly BatchInput[];
  readonly failed: readonly FailedInput[];
}

const NOTHING_DONE: BatchCounts = { clouds: 0, built: 0, skipped: 0, failed: 0, points: 0 };

/** Most threads that are started. */
const MOST_JOBS = 256;
/** Existing clouds are checked this many at a time, before the work begins. */
const LOOKS_AT_ONCE = 32;

/**
 * Each input becomes the cloud `out/NAME`; with `merge` they become the one cloud `out`. `out` is a folder or
 * `s3://...`.
 *
 * Throws `invalid_request` before anything is read if a place cannot be written, an input does not exist, two
 * inputs have the same name, or a cloud exists already. Later, an input that cannot be built does not stop
 * the others; the result lists it. If there is only one input, its failure is thrown.
 */
export async function buildClouds(
  inputs: readonly (string | BatchInput)[],
  out: string,
  options: BuildCloudsOptions = {},
): Promise<BuildResult> {
  const { merge = false, jobs, shard, skipExisting = false, readFolder, onProgress, ...rest } = options;
  const { force, poses } = resolveBuildOptions(rest);
  const { signal } = rest;
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS))
    throw new NearboxError(
      'invalid_request',
      `jobs must be a whole number from 1 to ${MOST_JOBS}, not ${jobs}`,
    );
  const target = openTarget(out);
  try {
    const listed = withEnding(await listInputs(inputs, signal, readFolder), rest.to);
    if (merge) {
      const merged = await mergeInputs(listed, out, {
        ...rest,
        onProgress: (fraction, stage) => onProgress?.(fraction, stage, { ...NOTHING_DONE, clouds: 1 }),
      });
      return { clouds: [merged], skipped: [], failed: [] };
    }
    if (poses !== null) throw new NearboxError('invalid_request', '--poses needs --merge');
    const mine = shard === undefined ? listed : listed.filter(({ id }) => isInShard(id, shard));
    if (!force && !skipExisting) await checkAbsent(target, mine, out);
    await target.prepare(signal);
    const batch = new Batch(mine, out, target, options);
    const result = await batch.run(await usefulThreads(mine, jobs ?? os.availableParallelism()));
    if (listed.length === 1 && result.failed[0] !== undefined) throw result.failed[0].error;
    return result;
  } finally {
    target.close();
  }
}

/** A COPC cloud's id is its file's name. */
function withEnding(listed: readonly BatchInput[], to: BuildFormat | undefined): BatchInput[] {
  if (to !== 'copc') return [...listed];
  return listed.map(({ id, ...input }) => ({
    ...input,
    id: `${id.replace(/\.copc$/i, '')}${COPC_EXTENSION}`,
  }));
}

/**
 * Copies all inputs to local files if necessary and builds one cloud. Frames of a data set with poses are
 * transformed to its world coordinates, unless `--poses` is given. The cloud itself has no pose.
 */
async function mergeInputs(
  listed: readonly BatchInput[],
  out: string,
  options: BuildOptions,
): Promise<BuiltCloud> {
  const names = listed.map(({ input }) => input);
  const { transforms, format } = mergeFrames(listed);
  const files: string[] = [];
  const { parent, name: id } = splitOut(out);
  const target = openTarget(parent);
  const next = async (): Promise<BuiltCloud> => {
    const name = names[files.length];
    if (name === undefined)
      return buildInto(
        { target, id, inputs: files, names: names.map(shown), ...(transforms && { transforms }) },
        withFrameOptions(options, format === undefined ? undefined : { format }),
      );
    const use = (file: string) => {
      files.push(file);
      return next();
    };
    return isRemote(name) || name === STANDARD_INPUT ? withLocalCopy(name, use, options.signal) : use(name);
  };
  try {
    await target.prepare(options.signal);
    return await next();
  } finally {
    target.close();
  }
}

/** The poses of the frames, if all or none have one; and the format, if the data set states it. */
function mergeFrames(listed: readonly BatchInput[]): {
  readonly transforms: (BuildPose | null)[] | null;
  readonly format: InputFormat | undefined;
} {
  const worlds = listed.map(({ frame }) => (frame === undefined ? null : frameToWorld(frame)));
  const formats = new Set(listed.map(({ frame }) => frame?.format));
  if (formats.size > 1) throw new NearboxError('invalid_request', '--merge needs inputs of the same format');
  const posed = worlds.filter((world) => world !== null).length;
  if (posed > 0 && posed < listed.length)
    throw new NearboxError(
      'invalid_request',
      `${listed.length - posed} of ${listed.length} frames have no pose; --merge needs a pose for every frame, or --poses`,
    );
  return { transforms: posed === 0 ? null : worlds, format: [...formats][0] };
}

async function checkAbsent(target: CloudTarget, listed: readonly BatchInput[], out: string): Promise<void> {
  for (let from = 0; from < listed.length; from += LOOKS_AT_ONCE) {
    const looks = listed.slice(from, from + LOOKS_AT_ONCE).map(async ({ id }) => {
      if ((await target.existing(id)) === null) return;
      throw new NearboxError(
        'invalid_request',
        `${out.replace(/\/+$/, '')}/${id} exists already: replace it with --force, or skip it with --skip-existing`,
      );
    });
    await Promise.all(looks);
  }
}

class Batch {
  readonly #inputs: readonly BatchInput[];
  readonly #out: string;
  readonly #target: CloudTarget;
  readonly #options: BuildCloudsOptions;
  readonly #results: (OneResult | FailedInput | null)[];
  #fraction = 0;
  #counts: BatchCounts;
  #next = 0;

  constructor(inputs: readonly BatchInput[], out: string, target: CloudTarget, options: BuildCloudsOptions) {
    this.#inputs = inputs;
    this.#out = out;
    this.#target = target;
    this.#options = options;
    this.#results = inputs.map(() => null);
    this.#counts = { ...NOTHING_DONE, clouds: inputs.length };
  }

  async run(threads: number): Promise<BuildResult> {
    if (threads > 1) await this.#runInThreads(threads);
    else
      await this.#runAll((job, onProgress) => buildOne(this.#target, job, { ...this.#signal(), onProgress }));
    const done = this.#results.filter((result) => result !== null);
    return {
      clouds: done.filter((result) => 'status' in result && result.status === 'built'),
      skipped: done.filter((result) => 'status' in result && result.status === 'skipped'),
      failed: done.filter((result) => 'error' in result),
    };
  }

  async #runInThreads(threads: number): Promise<void> {
    const { signal } = this.#options;
    const stop = new SharedArrayBuffer(4);
    const pool = new WorkerPool<OneJob, OneResult>({
      name: 'build',
      entry: new URL('./build-worker.ts', import.meta.url),
      workers: threads,
      maxQueue: threads,
      workerData: { out: this.#out, stop } satisfies BuildWorkerData,
    });
    const unlink = whenAborted(signal, () => Atomics.store(new Int32Array(stop), 0, 1));
    try {
      // The pool gets no signal: a stopped worker removes its unfinished output first.
      await Promise.all(Array.from({ length: threads }, () => this.#runAll((job) => pool.run(job))));
    } finally {
      unlink();
      await pool.close();
    }
  }

  /** Builds one input after the other, until none is left. */
  async #runAll(
    build: (job: OneJob, onProgress: NonNullable<BuildOptions['onProgress']>) => Promise<OneResult>,
  ): Promise<void> {
    const {
      signal,
      merge: _,
      jobs,
      shard,
      readFolder,
      onProgress,
      skipExisting = false,
      ...options
    } = this.#options;
    while (this.#next < this.#inputs.length) {
      signal?.throwIfAborted();
      const index = this.#next++;
      const { input, id, frame } = this.#inputs[index]!;
      try {
        const result = await build(
          { input, id, ...(frame && { frame }), skipExisting, options },
          (fraction, stage) => this.#report(fraction, stage),
        );
        this.#results[index] = result;
        this.#count(result);
      } catch (cause) {
        signal?.throwIfAborted();
        this.#results[index] = {
          input,
          id,
          error: cause instanceof Error ? cause : new Error(String(cause)),
        };
        this.#counts = { ...this.#counts, failed: this.#counts.failed + 1 };
      }
      this.#report(0, 'publish');
    }
  }

  #signal(): Pick<BuildOptions, 'signal'> {
    const { signal } = this.#options;
    return signal === undefined ? {} : { signal };
  }

  /** `fraction`: progress of the input that is being built, if there is only one. */
  #report(fraction: number, stage: BuildStage): void {
    const { clouds, built, skipped, failed } = this.#counts;
    const done = built + skipped + failed;
    this.#fraction = Math.max(this.#fraction, Math.min(1, (done + fraction) / clouds));
    this.#options.onProgress?.(this.#fraction, stage, this.#counts);
  }

  #count(result: OneResult): void {
    const { built, skipped, points } = this.#counts;
    this.#counts =
      result.status === 'skipped'
        ? { ...this.#counts, skipped: skipped + 1 }
        : { ...this.#counts, built: built + 1, points: points + result.points };
  }
}
