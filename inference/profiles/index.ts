/** Label profiles: made from labelled frames, read from files, applied to answers. */
export { type Adapted, applyProfile } from './apply-profile.ts';
export { makeProfile } from './make-profile.ts';
export {
  type ClassProfile,
  DEFAULT_PROFILE_FILE,
  type Profile,
  type ProfileFile,
  profileSchema,
  readProfile,
  readProfiles,
} from './profile.ts';
