/** What a click in an image does: it selects the box under it, or asks for the object there. */
import type { Vec2, Vec3 } from '../../../inference/boxes/index.ts';
import type { CameraProjection } from '../../../inference/cameras/index.ts';
import { placeInImage } from '../cameras/index.ts';
import { shownLabels } from '../display/index.ts';
import { labelsOf } from '../model/index.ts';
import type { AnnotatorHint, Session } from '../session/index.ts';
import type { CloudLayer } from '../viewer/index.ts';
import { boxOnLine } from './box-on-ray.ts';
import { clickHint } from './hints.ts';

/** Points up to here from a click are on it, then farther off: pixels of the screen. */
const REACHES_PIXELS = [5, 12, 28] as const;
/** Boxes are looked for so far along a line of sight, metres. */
const FARTHEST_METRES = 250;

export interface ImageToolOptions {
  readonly session: Session;
  readonly layer: Pick<CloudLayer, 'loaded'>;
  readonly onHint: (hint: AnnotatorHint) => void;
}

/**
 * @param pixel of the image that the calibration is about
 * @param scale pixels of that image to one of the screen
 */
export function clickInImage(
  { session, layer, onHint }: ImageToolOptions,
  projection: CameraProjection,
  pixel: Vec2,
  scale: number,
): void {
  const startedAt = performance.now();
  const { work, frame, selected, display } = session.state;
  const ray = projection.ray(pixel);
  if (frame === null || ray === null) return;
  session.unsay('act');
  const far = ray.from.map((value, k) => value + FARTHEST_METRES * ray.direction[k]!) as unknown as Vec3;
  const hit = boxOnLine(shownLabels(labelsOf(work, frame), display, selected), ray.from, far);
  if (hit !== undefined) {
    session.select(hit.id);
    return;
  }
  for (const reach of REACHES_PIXELS) {
    const place = placeInImage(layer.loaded(), projection, pixel, reach * scale);
    if (place === null) continue;
    onHint({ ...clickHint(place), replaces: null, startedAt });
    return;
  }
  session.say('There are no points there.', 'warn');
}
