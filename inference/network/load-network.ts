/**
 * Loads the two networks into ONNX Runtime and runs each at every input size, so that the first fit is as
 * fast as later ones.
 */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { duringNative, nativeAtNextTurn } from '../../cache/pulse/index.ts';
import { PROPOSE_POINT, REFINE_POINT } from '../crop-grid/index.ts';
import type { FitRequest } from '../fit/index.ts';
import { CONVENTION_SHAPE } from './convention.ts';
import { PROPOSE_GLOBALS, REFINE_GLOBALS } from './features.ts';
import { type NetworkDescription, readDescription, readWeights } from './model-files.ts';
import { NetworkFit } from './network.ts';
import type { RunNetwork } from './run-network.ts';
import type { Tensor } from './tensor.ts';

export interface LoadOptions {
  /** Folder of model.json and the weights. */
  readonly modelFolder: string;
  /** Threads inside one run. */
  readonly threads: number;
}

/** Loads and warms the network. @throws if a file is missing or not the one that `model.json` describes. */
export async function loadNetwork(options: LoadOptions): Promise<NetworkFit> {
  const { networks, convention } = readDescription(options.modelFolder);
  requireWidths(options.modelFolder, networks.propose, PROPOSE_POINT, PROPOSE_GLOBALS);
  requireWidths(options.modelFolder, networks.refine, REFINE_POINT, REFINE_GLOBALS);
  for (const weights of [networks.propose, networks.refine])
    requireConvention(options.modelFolder, weights, convention !== undefined);
  const network = new NetworkFit(
    await openSession(networks.propose, options),
    await openSession(networks.refine, options),
    convention?.reference ?? null,
  );
  // The first run of a session allocates memory, and the code around it is compiled while it runs.
  await warmUp(network);
  return network;
}

/**
 * @throws if the weights take other inputs than this code makes: another version's training exported them.
 */
function requireWidths(folder: string, { file, inputs }: Weights, point: number, globals: number): void {
  const found = [inputs.points.at(-1), inputs.globals.at(-1)];
  if (found[0] !== point || found[1] !== globals)
    throw new Error(
      `${path.join(folder, file)} takes ${found[0]} values a point and ${found[1]} a question; this version has ${point} and ${globals}: export it with this version's training`,
    );
}

/** @throws if the weights take another convention than `model.json` and this code say */
function requireConvention(folder: string, { file, inputs }: Weights, isExpected: boolean): void {
  const found = inputs.convention?.slice(1).join(' x ') ?? 'none';
  const expected = isExpected ? CONVENTION_SHAPE.join(' x ') : 'none';
  if (found !== expected)
    throw new Error(
      `${path.join(folder, file)} takes this convention: ${found}; by model.json and this version it is ${expected}`,
    );
}

/** Runs both networks several times at every padded input size. */
export async function warmUp(network: NetworkFit): Promise<void> {
  for (let round = 0; round < WARM_ROUNDS; round++)
    for (const count of WARM_COUNTS) await network.fit(syntheticRequest(count));
}

/** Numbers of points that lead to every padded size. */
const WARM_COUNTS = [40, 130, 400, 8000];
const WARM_ROUNDS = 6;

type Weights = NetworkDescription['networks']['propose'];

async function openSession(file: Weights, { modelFolder, threads }: LoadOptions): Promise<RunNetwork> {
  const weights = readWeights(modelFolder, file.file, file.sha256);
  const opening = duringNative(() =>
    ort.InferenceSession.create(weights, {
      executionProviders: ['cpu'],
      // The default is the number of the host's cores, also in a container with fewer. Spinning threads use
      // up its quota.
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }),
  );
  const session = await opening.catch((cause: Error) => {
    throw new Error(`${path.join(modelFolder, file.file)} is not a network: ${cause.message}`, { cause });
  });
  return async ({ points, globals, convention }) => {
    const inputs = {
      points: toTensor(points),
      globals: toTensor(globals),
      ...(convention && { convention: toTensor(convention) }),
    };
    // ONNX Runtime computes in a `setImmediate`, and blocks the thread there.
    const found = await nativeAtNextTurn(() => session.run(inputs));
    return { out: fromTensor(found.out, 'out'), mask: fromTensor(found.mask, 'mask') };
  };
}

function toTensor({ data, dims }: Tensor): ort.Tensor {
  return new ort.Tensor('float32', data, dims);
}

function fromTensor(tensor: ort.Tensor | undefined, name: string): Tensor {
  if (tensor === undefined || !(tensor.data instanceof Float32Array))
    throw new Error(`the network has no float32 output ${name}`);
  return { data: tensor.data, dims: tensor.dims };
}

/** A wall of `count` points on a flat ground, with a click in its middle. */
function syntheticRequest(count: number): FitRequest {
  const positions = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const isGround = i % 4 === 0;
    positions[3 * i] = isGround ? ((i * 7) % 160) / 10 - 8 : ((i * 13) % 40) / 10 - 2;
    positions[3 * i + 1] = isGround ? ((i * 11) % 160) / 10 - 8 : 0;
    positions[3 * i + 2] = isGround ? -0.8 : ((i * 5) % 14) / 10 - 0.7;
  }
  return {
    crop: { origin: [0, 0, 0], positions, count },
    hint: { type: 'click', position: [0, 0, 0], also: [] },
    class: null,
    size: null,
    sensor: [0, -12, 0],
    others: [],
  };
}
