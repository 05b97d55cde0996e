/**
 * Converts a prediction to an OpenLABEL 1.0 document with one frame, one object and one cuboid, in the form
 * that the annotation page writes.
 */
import type { Prediction } from '../../../inference/index.ts';
import { writeOpenLabel } from '../../page/formats/index.ts';

/**
 * Returns JSON text. `uid` identifies the object: digits or a UUID. The stream of the frame names the cloud.
 */
export function openLabelText(prediction: Prediction, uid: string): string {
  const { box, score, method } = prediction;
  const label = { id: uid, box, class: prediction.class, score, state: 'draft', method } as const;
  return writeOpenLabel([{ frame: prediction.cloud.id, labels: [label] }]);
}
