/**
 * One fit by the network, calibrated; by the geometric fit where the network fails. A label profile is heeded
 * by the network itself if it takes one; the faces of other networks' boxes are shifted by it.
 */
import { isNearboxError, NearboxError } from '../../cache/index.ts';
import type { Alternative, FitAnswer, FitRequest } from '../fit/index.ts';
import { fitGeometric } from '../geometric/index.ts';
import { estimateGround } from '../ground/index.ts';
import {
  type LoadOptions,
  loadNetwork,
  type NetworkAnswer,
  type NetworkFit,
  readDescription,
} from '../network/index.ts';
import { applyProfile } from '../profiles/index.ts';
import { type Calibration, calibratedHint, expectedRealIou, readCalibration } from '../scores/index.ts';

/** A fit, and the version of the network that is to make it. */
export interface FitJob {
  readonly request: FitRequest;
  readonly model: string;
}

/** Where the networks are, and how they run. */
export interface FitJobOptions {
  /** A folder for each version. */
  readonly modelFolders: readonly string[];
  /** Threads inside one run. */
  readonly threads: number;
}

export interface FitJobResult {
  readonly answer: FitAnswer;
  readonly method: 'model' | 'geometric';
  /** Why the network did not answer. */
  readonly fallback: string | undefined;
  readonly inferMs: number;
}

type RunFit = (request: FitRequest) => Promise<FitJobResult>;

/**
 * Loads the networks and their calibrations, runs each until it is warm, and returns what runs a fit.
 * @throws if a file is missing or wrong.
 */
export async function openFitJobs({
  modelFolders,
  threads,
}: FitJobOptions): Promise<(job: FitJob) => Promise<FitJobResult>> {
  const fits = new Map<string, RunFit>();
  for (const modelFolder of modelFolders)
    fits.set(readDescription(modelFolder).version, await openFit({ modelFolder, threads }));
  return async ({ request, model }) => {
    const fit = fits.get(model);
    if (fit === undefined) throw new Error(`version ${model} of the network is not loaded`);
    return fit(request);
  };
}

async function openFit(options: LoadOptions): Promise<RunFit> {
  const { networks } = readDescription(options.modelFolder);
  const calibration = readCalibration({
    propose: networks.propose.sha256,
    refine: networks.refine.sha256,
  });
  const network = await loadNetwork(options);
  return (request) => answer(request, network, calibration);
}

async function answer(
  request: FitRequest,
  network: NetworkFit,
  calibration: Calibration | null,
): Promise<FitJobResult> {
  const start = performance.now();
  const done = (result: Omit<FitJobResult, 'inferMs'>): FitJobResult => ({
    ...result,
    inferMs: performance.now() - start,
  });
  try {
    const { mask, ...found } = await network.fit(request);
    const answer = calibrated(found, request, calibration);
    return done({
      answer: network.heedsProfile ? answer : profiled(answer, request),
      method: 'model',
      fallback: undefined,
    });
  } catch (error) {
    // What is wrong with the question is wrong for the geometric fit as well.
    if (error instanceof NearboxError && !isNearboxError(error, 'internal')) throw error;
    const fallback = error instanceof Error ? error.message : String(error);
    return done({ answer: fitGeometric(request), method: 'geometric', fallback });
  }
}

/** The answer as the project draws. Of classes that its profile does not know, as it is. */
function profiled(found: FitAnswer, request: FitRequest): FitAnswer {
  const { profile, crop, size } = request;
  if (!profile) return found;
  const adapted = <T extends Alternative>(answer: T): T => {
    const [own, trainingProfile] = [profile.own[answer.class], profile.trainingProfile[answer.class]];
    if (own === undefined || trainingProfile === undefined) return answer;
    const [x, y] = answer.box.center;
    const ground = estimateGround(crop.positions, crop.count, [x, y]);
    return {
      ...answer,
      box: applyProfile(answer.box, { own, trainingProfile }, crop, ground, size !== null),
    };
  };
  const { alternatives } = found;
  return { ...adapted(found), ...(alternatives && { alternatives: alternatives.map(adapted) }) };
}

function calibrated(
  found: Omit<NetworkAnswer, 'mask'>,
  { hint }: FitRequest,
  calibration: Calibration | null,
): FitAnswer {
  const { nearPoints } = found;
  const kind = calibratedHint(hint);
  const expected = ({ score, class: found }: Alternative) =>
    calibration === null ? score : expectedRealIou(found, calibration, kind, score, nearPoints);
  const alternatives = found.alternatives?.map((other) => ({ ...other, score: expected(other) }));
  return {
    ...found,
    score: expected(found),
    rawScore: found.score,
    ...(alternatives && { alternatives }),
  };
}
