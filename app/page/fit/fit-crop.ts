import type { FitAnswer, FitRequest } from '../../../inference/fit/index.ts';
import { fitGeometric } from '../../../inference/geometric/index.ts';

/** The geometric fit, or null if the points are too few for it. */
export function fitCrop(request: FitRequest): FitAnswer | null {
  try {
    return fitGeometric(request);
  } catch {
    return null;
  }
}
