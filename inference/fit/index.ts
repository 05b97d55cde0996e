/** What goes into a fit and what comes out of it. */
export {
  type Alternative,
  type Crop,
  type FitAnswer,
  type FitRequest,
  type Hint,
  KEPT_PARTS,
  type KeptPart,
  type LassoHint,
  type ProfilePair,
  type SideClick,
} from './fit-request.ts';
export { followKept, keepParts } from './keep-parts.ts';
