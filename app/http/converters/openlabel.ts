/**
 * A prediction as an OpenLABEL 1.0 document: one frame, one object, one cuboid, written as the annotation
 * page writes its labels.
 */
import type { Prediction } from '../../../inference/index.ts';
import { writeOpenLabel } from '../../page/formats/index.ts';

/** The JSON text. `uid` names the object: digits or a UUID. The frame's stream names the cloud. */
export function openLabelText(prediction: Prediction, uid: string): string {
  const { box, score, method } = prediction;
  const label = { id: uid, box, class: prediction.class, score, state: 'draft', method } as const;
  return writeOpenLabel([{ frame: prediction.cloud.id, labels: [label] }]);
}
