/** The boxes that an annotator works on. */
export { changesBetween, withChanges } from './changes.ts';
export { CLASS_STYLES, rgb } from './classes.ts';
export { History, type SavedHistory, type UndoStep } from './history.ts';
export { isRecord, sameJson, textOrNull, without } from './json.ts';
export {
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
  UNSURE_SCORE,
  type Work,
} from './label.ts';
export { shortId } from './short-id.ts';
export { decodeSaved, METHODS, readBox } from './storage-codec.ts';
export {
  addLabel,
  copyLabels,
  editBox,
  neighbourId,
  removeLabel,
  replaceFrames,
  resolveConflict,
  rivalsOf,
  setDone,
  updateLabel,
  withFrame,
} from './work.ts';
