/** The door of `inference/fit/`. */
export type {
  Alternative,
  Crop,
  FitAnswer,
  FitRequest,
  Hint,
  LassoHint,
  ProfilePair,
  SideClick,
} from './fit-request.ts';
