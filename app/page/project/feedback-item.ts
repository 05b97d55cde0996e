/** What the server is told of a decision: see `/v1/feedback`. */
import type { FeedbackNote } from '../api/index.ts';
import type { Decision } from '../session/index.ts';

/** @param at when, RFC 3339; @param index of the frame in its sequence */
export function feedbackItem(
  { outcome, frame, label, cloudVersion }: Decision,
  { key, at, index }: { readonly key: string; readonly at: string; readonly index: number },
): FeedbackNote {
  const { box, prediction, score, track } = label;
  const isOurs = prediction === null && track === undefined && label.method === 'drawn';
  return {
    key,
    cloud: { id: frame, ...(cloudVersion === null ? {} : { version: cloudVersion }) },
    outcome: isOurs && outcome !== 'rejected' ? 'missed' : outcome,
    box: { center: box.center, size: box.size, yaw: box.yaw },
    class: label.class,
    at,
    ...(prediction === null
      ? {}
      : {
          prediction: prediction.id,
          proposed: {
            box: prediction.box,
            class: label.class,
            score: score ?? 0,
            model: prediction.model ?? label.method,
          },
        }),
    ...(track === undefined
      ? {}
      : { track: { id: label.id, frame: Math.max(0, index), status: track.status } }),
  };
}
