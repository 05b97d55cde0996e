/** The geometric fit in a thread of its own, so that the page stays quick while it thinks. */

import type { FitAnswer, FitRequest } from '../../../inference/fit/index.ts';
import { fitGeometric } from '../../../inference/geometric/index.ts';

export interface FitMessage {
  readonly id: number;
  readonly request: FitRequest;
}

export interface FitReply {
  readonly id: number;
  /** null if there was too little to fit to. */
  readonly answer: FitAnswer | null;
}

addEventListener('message', ({ data }: MessageEvent<FitMessage>) => {
  postMessage({ id: data.id, answer: tryFit(data.request) } satisfies FitReply);
});

function tryFit(request: FitRequest): FitAnswer | null {
  try {
    return fitGeometric(request);
  } catch {
    return null;
  }
}
