/**
 * A thread for geometric fits that stand in for a busy network: apart from it, so that neither waits for the
 * other, and off the event loop.
 */
import { serveJobs } from '../../octree/index.ts';
import type { FitAnswer, FitRequest } from '../fit/index.ts';
import { fitGeometric } from '../geometric/index.ts';

export interface GeometricJobResult {
  readonly answer: FitAnswer;
  readonly inferMs: number;
}

serveJobs<FitRequest, GeometricJobResult>(async (request) => {
  const start = performance.now();
  const answer = fitGeometric(request);
  return { result: { answer, inferMs: performance.now() - start } };
});
