/** Label profiles of a server. */
import {
  DEFAULT_PROFILE_FILE,
  type PredictorOptions,
  readProfile,
  readProfiles,
} from '../../inference/index.ts';
import type { ServeConfig } from '../config/index.ts';

/** Read once: a server that is to know others is started anew. */
export async function openProfiles({
  profiles,
}: Pick<ServeConfig, 'profiles'>): Promise<Pick<PredictorOptions, 'profiles' | 'trainingProfile'>> {
  if (profiles === undefined) return {};
  return { profiles: await readProfiles(profiles), trainingProfile: await readProfile(DEFAULT_PROFILE_FILE) };
}
