/** One object in many frames at a glance. No DOM. */
export { BoxPoints } from './box-points.ts';
export { type GlancePlace, glancePlaces, largestSize } from './glance-places.ts';
export {
  angleAt,
  gripAt,
  KNOB_PIXELS,
  knobPixel,
  outlineIn,
  PANES,
  PICTURE,
  type PictureGrip,
  pictureScale,
  toPane,
} from './side-picture.ts';
