/** Objects through the frames of a sequence. No DOM. */
export { FramePlaces } from './frame-places.ts';
export {
  cellOf,
  cellText,
  rowText,
  type TimelineCell,
  type TimelineRow,
  timelineRows,
} from './rows/index.ts';
export { TrackActions } from './track-actions.ts';
export { TrackController } from './track-controller.ts';
