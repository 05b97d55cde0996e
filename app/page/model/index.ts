/** The boxes that an annotator works on. */
export { changesBetween, withChanges } from './changes.ts';
export { CLASS_STYLES, type ClassStyle, rgb } from './classes.ts';
export { History, type SavedHistory, type UndoStep } from './history.ts';
export { isRecord, sameJson, textOrNull, without } from './json.ts';
export {
  className,
  currentScore,
  EMPTY_WORK,
  type FrameLabels,
  findLabel,
  frameOf,
  isUnsure,
  type Label,
  type LabelMethod,
  labelsOf,
  NO_LABELS,
  type Tilt,
  UNSURE_SCORE,
  type Work,
} from './label.ts';
export { sequenceOf } from './sequence.ts';
export { shortId } from './short-id.ts';
export { decodeSaved, METHODS, readBox, readTilt } from './storage-codec.ts';
export {
  ABSENT,
  isByHand,
  isKeyframe,
  PLACE_STATUSES,
  type PlaceStatus,
  type TrackPlace,
} from './track-place.ts';
export {
  addLabel,
  changeObject,
  copyLabels,
  editBox,
  freeNumber,
  neighbourId,
  removeLabel,
  replaceFrames,
  resolveConflict,
  rivalsOf,
  setDone,
  setMissing,
  updateLabel,
  withFrame,
  withLabels,
} from './work.ts';
