/** Label profiles: made from labelled frames and accepted boxes, read from files, applied to answers. */
export { applyProfile } from './apply-profile.ts';
export {
  type AcceptedBox,
  makeProfile,
  PROFILE_REACH_METRES,
  profileOfBoxes,
} from './make-profile.ts';
export {
  type ClassProfile,
  DEFAULT_PROFILE_FILE,
  namedProfile,
  type Profile,
  type ProfileFile,
  profileSchema,
  profileVersion,
  readProfile,
  readProfiles,
} from './profile.ts';
