/**
 * Labelled frames put to the network and to the geometric fit. The whole way is measured, not the network
 * alone: the frames are built into octrees in a temporary folder and asked through the predictor, as a server
 * does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  DEFAULT_QUESTION,
  type EvaluationPredictor,
  type EvaluationRow,
  evaluateFrames,
  type HintKind,
  type LabelGroup,
  type LabelledFrame,
} from '../../inference/index.ts';
import { buildClouds, cloudName } from '../../octree/build/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { openServices, type Services } from '../services/index.ts';

export interface EvaluateFolderOptions {
  readonly groups: readonly LabelGroup[];
  readonly hints: readonly HintKind[];
  /** Default: the network and the geometric fit. */
  readonly methods?: readonly EvaluationMethod[];
  /** Hints of each kind at each object. Default: 3. */
  readonly seeds?: number;
  /** Objects with fewer points are left out. Default: 20, of people and cyclists 10. */
  readonly minPoints?: number;
  /** A label profile of a folder that answers are adapted to. */
  readonly profile?: { readonly name: string; readonly folder: string };
  /** Another network than the shipped one. */
  readonly modelFolder?: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, what: string) => void;
}

type EvaluationMethod = 'model' | 'geometric';

/** Share of the work that building takes, for the progress. */
const BUILD_SHARE = 0.2;

export async function evaluateFolder(
  frames: readonly LabelledFrame[],
  options: EvaluateFolderOptions,
): Promise<EvaluationRow[]> {
  const { groups, hints, methods = ['model', 'geometric'], seeds, minPoints, signal, onProgress } = options;
  const clouds = await mkdtemp(path.join(os.tmpdir(), 'nearbox-evaluate-'));
  try {
    const files = frames.map((frame) => frame.file);
    await buildClouds(files, clouds, {
      format: 'kitti',
      signal,
      onProgress: (done) => onProgress?.(BUILD_SHARE * done, 'building octrees'),
    });
    const services = await openServices(
      parseServeConfig({
        clouds,
        profiles: options.profile?.folder,
        modelFolder: options.modelFolder,
      }),
      silentLog,
    );
    try {
      await services.warmUp();
      return await evaluateFrames(
        frames,
        methods.map((method) => predictorOf(services, method, options.profile?.name ?? null)),
        {
          groups,
          hints,
          ...(seeds !== undefined && { seeds }),
          ...(minPoints !== undefined && {
            minPoints: Object.fromEntries(groups.map((group) => [group, minPoints])) as Record<
              LabelGroup,
              number
            >,
          }),
        },
        ({ frame, frames: all }) =>
          onProgress?.(BUILD_SHARE + (1 - BUILD_SHARE) * (frame / all), 'asking for boxes'),
        signal,
      );
    } finally {
      await services.close();
    }
  } finally {
    await rm(clouds, { recursive: true, force: true });
  }
}

function predictorOf(
  { predictor }: Services,
  method: EvaluationMethod,
  profile: string | null,
): EvaluationPredictor {
  return {
    name: method === 'model' ? 'network' : 'geometric fit',
    async predict(frame, question, signal) {
      return predictor.predict({
        ...DEFAULT_QUESTION,
        ...question,
        profile,
        cloud: cloudName(frame.file),
        method,
        signal: signal ?? new AbortController().signal,
        deadline: Number.POSITIVE_INFINITY,
      });
    },
  };
}
