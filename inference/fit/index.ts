/** What goes into a fit and what comes out of it. */
export type {
  Alternative,
  Crop,
  FitAnswer,
  FitRequest,
  Hint,
  KeptPart,
  LassoHint,
  ProfilePair,
  SideClick,
} from './fit-request.ts';
export { followKept, keepParts } from './keep-parts.ts';
