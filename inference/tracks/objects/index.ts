/** The door of `inference/tracks/objects/`. */
export { Chain } from './chain.ts';
export { corrected, correctionOf } from './correction.ts';
export { distance, halfWay, ObjectTrack } from './object-track.ts';
export { offsetOf, type Residual } from './residual.ts';
export { headedLike, influence, type KeyInfluence, sightingOf, type TrackSighting } from './sighting.ts';
export type { TrackKey } from './track-key.ts';
