/** Objects through the frames of a sequence. No DOM. */
export { cellText, type TimelineCell } from './cells.ts';
export { FramePlaces } from './frame-places.ts';
export { isUnaccepted, nextPlace, nextToLookAt } from './next-place.ts';
export { rowText, type TimelineRow, timelineRows } from './rows.ts';
export { TrackActions } from './track-actions.ts';
export { TrackController } from './track-controller.ts';
