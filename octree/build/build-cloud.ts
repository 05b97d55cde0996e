/** Builds one cloud from one or more inputs. */
import path from 'node:path';
import { NearboxError } from '../../cache/foundation/index.ts';
import type { Key } from '../geometry/index.ts';
import { zstdReady } from '../zstd/index.ts';
import { type IngestedPoints, ingest, type PosedInput, readPoses } from './ingest/index.ts';
import { type BuildPose, cloudName, guessFormat, openInput, type PointInput } from './inputs/index.ts';
import { byPlace, chooseCube, layOut, layOutLarge, type StepCube } from './layout/index.ts';
import { type BuildOptions, type ResolvedBuildOptions, resolveBuildOptions } from './options.ts';
import {
  type CloudRecord,
  type CloudTarget,
  type CloudWriter,
  CopcWriter,
  EptWriter,
  openTarget,
  splitOut,
} from './output/index.ts';
import type { BuildColumns } from './points/index.ts';
import { pointAt } from './points/index.ts';

/** A cloud that was built. */
export interface BuiltCloud {
  /** The name of its folder. */
  readonly id: string;
  readonly points: number;
  /** Points that were left out because a coordinate is not finite. */
  readonly dropped: number;
  /** Points that were left out because they lie far away from all others. */
  readonly wild: number;
  /** Messages for the owner of the inputs; each names the file. */
  readonly warnings: readonly string[];
  /** Names of the input dimensions that the cloud does not store. */
  readonly notKept: readonly string[];
  readonly nodes: number;
  /** Size of all files of the cloud. */
  readonly bytes: number;
  readonly ms: number;
}

/** The part of the progress that reading takes; writing takes the rest. */
const READ_SHARE = 0.4;
const WRITE_SHARE = 0.59;

/**
 * Builds the cloud `folder` from the points of all inputs. Throws `invalid_request` if an input or an option
 * is invalid.
 */
export async function buildCloud(
  inputs: readonly string[],
  folder: string,
  options: BuildOptions = {},
): Promise<BuiltCloud> {
  const { parent, name } = splitOut(folder);
  const target = openTarget(parent);
  try {
    return await buildInto({ target, id: name, inputs }, options);
  } finally {
    target.close();
  }
}

/** A cloud to be built. */
export interface CloudJob {
  readonly target: CloudTarget;
  readonly id: string;
  /** Local files, and inputs that are open already. */
  readonly inputs: readonly (string | PointInput)[];
  /** Names of the inputs for messages and for the cloud's metadata. Default: their paths. */
  readonly names?: readonly string[];
  /** Transforms each input to the coordinates of the cloud. `options.poses` overrides it. Default: none. */
  readonly transforms?: readonly (BuildPose | null)[];
  /** Selects one cloud of a file with several. */
  readonly part?: string;
  /** Identifies what the cloud is built from (`output/fingerprint.ts`). Default: none is stored. */
  readonly fingerprint?: string;
  /** Whether it was just found that the cloud does not exist. Default: it is looked up. */
  readonly isAbsent?: boolean;
}

/** The same as `buildCloud`, into a folder or a bucket. */
export async function buildInto(job: CloudJob, options: BuildOptions = {}): Promise<BuiltCloud> {
  const started = performance.now();
  const settings = resolveBuildOptions(options);
  const { signal, onProgress, force } = settings;
  const { target, id, inputs, fingerprint = null, isAbsent = false } = job;
  const { names = inputs.map((input) => (typeof input === 'string' ? input : input.path)) } = job;
  signal?.throwIfAborted();
  await zstdReady();
  const opened = await openInputs(job, names, settings);
  const built = await target.publish(id, { force, fingerprint, isAbsent, signal }, async (building) => {
    const ingested = await ingest(opened, {
      scale: settings.scale,
      wildPoints: settings.wildPoints,
      memoryPoints: settings.memoryPoints,
      spillPath: path.join(building, 'points.tmp'),
      signal,
      onRead: (done, promised) =>
        onProgress(READ_SHARE * Math.min(1, done / Math.max(promised, done, 1)), 'read'),
    });
    const timestamp = settings.timestamp ?? (opened.length === 1 ? opened[0]!.input.timestamp : null) ?? null;
    const result = await writeCloud(building, ingested, fingerprint, { ...settings, timestamp });
    signal?.throwIfAborted();
    onProgress(READ_SHARE + WRITE_SHARE, 'publish');
    return result;
  });
  onProgress(1, 'publish');
  return { id, ...built, ms: performance.now() - started };
}

/** Headers are read one by one: a merge may have thousands of inputs. */
async function openInputs(
  { inputs, transforms, part }: CloudJob,
  names: readonly string[],
  settings: ResolvedBuildOptions,
): Promise<PosedInput[]> {
  const { poses: posesFile, format, signal } = settings;
  const poses = posesFile === null ? transforms : await readPoses(posesFile, names.map(cloudName));
  const opened: PosedInput[] = [];
  for (const [index, given] of inputs.entries()) {
    signal?.throwIfAborted();
    const pose = poses?.[index] ?? null;
    if (typeof given !== 'string') {
      opened.push({ input: given, pose });
      continue;
    }
    const input = await openInput(given, format ?? guessFormat(names[index]!), {
      isStated: format !== undefined,
      part,
    });
    opened.push({ input: { ...input, path: names[index]! }, pose });
  }
  return opened;
}

async function writeCloud(
  building: string,
  ingested: IngestedPoints,
  fingerprint: string | null,
  settings: ResolvedBuildOptions,
): Promise<Pick<BuiltCloud, 'points' | 'dropped' | 'wild' | 'warnings' | 'notKept' | 'nodes' | 'bytes'>> {
  const { to, encoding, span, sensor, pose, timestamp, onProgress } = settings;
  const { store, dropped, wild, warnings, notKept } = ingested;
  const cube = chooseCube(ingested.extent);
  const record: CloudRecord = {
    ...(sensor === null ? {} : { sensor }),
    ...(pose === null ? {} : { pose }),
    ...(timestamp === null ? {} : { timestamp }),
    ...(fingerprint === null ? {} : { fingerprint }),
  };
  const parts = { ingested, cube, span, record };
  const writer: CloudWriter =
    to === 'copc' ? new CopcWriter(building, parts) : await EptWriter.open(building, { ...parts, encoding });
  const report = () => onProgress(READ_SHARE + (WRITE_SHARE * writer.points) / store.count, 'write');
  try {
    await writeNodes(writer, ingested, cube, { ...settings, folder: building }, report);
    const { bytes } = await writer.finish();
    return { points: store.count, dropped, wild, warnings, notKept, nodes: writer.nodes, bytes };
  } finally {
    await writer.settle();
    store.discard();
  }
}

async function writeNodes(
  writer: CloudWriter,
  { store, intensity, attributes, steps, sources }: IngestedPoints,
  cube: StepCube,
  settings: ResolvedBuildOptions & { readonly folder: string },
  report: () => void,
): Promise<void> {
  const { signal, memoryPoints } = settings;
  const isLaz = settings.to === 'copc' || settings.encoding === 'laszip';
  const write = async (key: Key, columns: BuildColumns, points: Uint32Array) => {
    signal?.throwIfAborted();
    const problem = await writer.write(key, columns, points);
    if (problem !== null) throw tooDense(points.length, placeOf(columns, points[0]!), problem, isLaz);
    report();
  };
  const placeOf = ({ x, y, z }: BuildColumns, point: number) =>
    `${pointAt(steps, [x[point]!, y[point]!, z[point]!]).join(', ')} (${sources.length === 1 ? sources[0]!.path : `${sources.length} inputs`})`;
  if (store.count > memoryPoints)
    await layOutLarge(store, cube, { ...settings, intensity, attributes, placeOf }, write);
  else {
    const loaded = store.load();
    const isOneNode = loaded.count <= settings.maxSingleNodePoints;
    const columns = isOneNode ? loaded : byPlace(loaded, cube);
    for (const { key, points } of layOut(columns, cube, settings)) await write(key, columns, points);
  }
}

/** Nodes are small, but for points that no level of the octree tells apart. */
function tooDense(count: number, place: string, problem: string, isLaz: boolean): NearboxError {
  const way = isLaz ? 'remove them, or take --to ept, which holds more' : 'remove them';
  return new NearboxError(
    'invalid_request',
    `${count} points lie within a few steps of the scale at ${place}, and readers would refuse them (${problem}): are they copies of one point? Then ${way}`,
  );
}
