/** The frames of a sequence in one world, and boxes that come back into them. No DOM. */
export { askInWorld, type WorldHint } from './ask-in-world.ts';
export { poseOfFrame } from './frame-poses.ts';
export { boxOnMap, placeOnMap } from './map-hints.ts';
export { drawMap, fromMap, type MapView, toMap } from './map-view.ts';
export { chosenFrames, loadMerged, MergedPoints, type PosedFrame } from './merged-points.ts';
export { objectThere, standingObjects, withStandingObject } from './static-track.ts';
