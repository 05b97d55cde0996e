/**
 * A question about a place in the world, asked in the frame that sees it best; the answer is of the world
 * again.
 */
import {
  type Box,
  inversePose,
  transformBox,
  transformPoint,
  type Vec3,
} from '../../../inference/boxes/index.ts';
import type { ApiClient, PageAnswer } from '../api/index.ts';
import { shrunk } from '../boxes/index.ts';
import { UNSURE_SCORE } from '../model/index.ts';
import type { FrameInWorld, MergedPoints } from './merged-points.ts';
import type { StandingObject } from './static-track.ts';

export type WorldHint = { readonly place: Vec3 } | { readonly drawn: Box };

export interface WorldAnswer {
  /** In the world. */
  readonly box: Box;
  /** The frame that was asked. */
  readonly best: string;
  readonly object: StandingObject;
}

/** Points so near a click say which frame sees it best, metres. */
const NEAR_METRES = 2.5;
const DEADLINE_MS = 5000;

/**
 * Asks the server. A drawn box that it does not know, or is unsure of, is kept as it was drawn, tightened to
 * the points. null if no frame has points there.
 * @throws ApiError where a click could not be answered
 */
export async function askInWorld(
  merged: MergedPoints,
  hint: WorldHint,
  { api, signal }: { readonly api: Pick<ApiClient, 'predict'>; readonly signal: AbortSignal },
): Promise<WorldAnswer | null> {
  const around: Box =
    'drawn' in hint
      ? hint.drawn
      : { center: hint.place, size: [2 * NEAR_METRES, 2 * NEAR_METRES, 2 * NEAR_METRES], yaw: 0 };
  const best = frameWithMost(merged, around);
  if (best === null) return null;
  const toFrame = inversePose(best.pose);
  const region =
    'drawn' in hint
      ? { type: 'box' as const, ...transformBox(toFrame, hint.drawn) }
      : { type: 'click' as const, position: transformPoint(toFrame, hint.place) };
  let answer: PageAnswer;
  try {
    answer = await api.predict({ cloud: best.frame, region } as never, { signal, timeoutMs: DEADLINE_MS });
  } catch (error) {
    signal.throwIfAborted();
    if (!('drawn' in hint)) throw error;
    return {
      box: tightened(merged, hint.drawn),
      best: best.frame,
      object: drawnObject('The box was drawn by hand.'),
    };
  }
  if ('drawn' in hint && answer.score < UNSURE_SCORE) {
    const note = `The network is unsure (${answer.score.toFixed(2)}). Your box was kept.`;
    return { box: tightened(merged, hint.drawn), best: best.frame, object: drawnObject(note) };
  }
  const { id, box, model } = answer;
  return {
    box: transformBox(best.pose, box),
    best: best.frame,
    object: {
      class: answer.class,
      method: answer.method === 'model' ? 'model' : 'geometric',
      score: answer.score,
      note: null,
      prediction: { id, box, ...(model == null ? {} : { model: model.version }) },
    },
  };
}

function drawnObject(note: string): StandingObject {
  return { class: 'car', method: 'drawn', score: null, note, prediction: null };
}

function tightened(merged: MergedPoints, box: Box): Box {
  const [x, y, z] = box.center;
  const reach = Math.hypot(...box.size);
  const points = merged.pointsIn({
    min: [x - reach, y - reach, z - reach],
    max: [x + reach, y + reach, z + reach],
  });
  return shrunk(box, points) ?? box;
}

function frameWithMost(merged: MergedPoints, box: Box): FrameInWorld | null {
  const counts = merged.countIn(box);
  let best: FrameInWorld | null = null;
  for (const frame of merged.frames) {
    const count = counts.get(frame.frame)!;
    if (count > (best === null ? 0 : counts.get(best.frame)!)) best = frame;
  }
  return best;
}
