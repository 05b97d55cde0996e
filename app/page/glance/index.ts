/** One object in many frames at a glance. No DOM. */
export { BoxPoints } from './box-points.ts';
export { type GlancePlace, glancePlaces, largestSize } from './glance-places.ts';
export { gripAt, outlineIn, PANES, PICTURE, pictureScale, toPane } from './side-picture.ts';
