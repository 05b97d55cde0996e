/** The thread that holds the network. It loads, runs once on made-up points to get warm, and only then says that it is ready. */
import { isNearboxError, NearboxError } from '../cache/index.ts';
import { poolData, serveJobs } from '../octree/index.ts';
import { fitGeometric } from './geometric/index.ts';
import { type LoadOptions, loadNetwork } from './load-network.ts';
import type { FitAnswer, FitRequest } from './types.ts';

/** What the engine gives every worker. */
export type FitWorkerData = LoadOptions;

export interface FitJobResult {
  readonly answer: FitAnswer;
  readonly method: 'model' | 'geometric';
  /** Why the network did not answer. */
  readonly fallback: string | undefined;
  readonly inferMs: number;
}

const network = await loadNetwork(poolData<FitWorkerData>());

async function answer(request: FitRequest): Promise<FitJobResult> {
  const start = performance.now();
  const done = (result: Omit<FitJobResult, 'inferMs'>): FitJobResult => ({
    ...result,
    inferMs: performance.now() - start,
  });
  try {
    return done({ answer: await network.fit(request), method: 'model', fallback: undefined });
  } catch (error) {
    // What is wrong with the question is wrong for the geometric fit as well.
    if (error instanceof NearboxError && !isNearboxError(error, 'internal')) throw error;
    const fallback = error instanceof Error ? error.message : String(error);
    return done({ answer: fitGeometric(request), method: 'geometric', fallback });
  }
}

serveJobs<FitRequest, FitJobResult>(async (request) => ({ result: await answer(request) }));
