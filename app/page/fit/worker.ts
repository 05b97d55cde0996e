/** The geometric fit in a thread of its own, so that the page stays quick meanwhile. */
import type { FitAnswer, FitRequest } from '../../../inference/fit/index.ts';
import { fitCrop } from './fit-crop.ts';

export interface FitMessage {
  readonly id: number;
  readonly request: FitRequest;
}

export interface LocalFitReply {
  readonly id: number;
  /** null if the points are too few. */
  readonly answer: FitAnswer | null;
}

addEventListener('message', ({ data }: MessageEvent<FitMessage>) => {
  postMessage({ id: data.id, answer: fitCrop(data.request) } satisfies LocalFitReply);
});
