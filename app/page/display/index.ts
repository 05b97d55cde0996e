/** What is shown of boxes and points, and how: pure functions. */
export { type GroundGrid, groundGrid, groundUnder } from './ground-grid.ts';
export { parseFilter } from './label-filter.ts';
export { measuredText } from './measured.ts';
export { clipOf, isShown, type PointClip } from './point-clip.ts';
export {
  type DisplaySettings,
  hasFilter,
  INITIAL_DISPLAY,
  NAME_MODES,
  shownLabels,
} from './settings.ts';
