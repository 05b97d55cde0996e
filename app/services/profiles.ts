/** Label profiles of a server. */
import {
  DEFAULT_PROFILE_FILE,
  type PredictorOptions,
  readProfile,
  readProfiles,
} from '../../inference/index.ts';
import type { ServeConfig } from '../config/index.ts';

/**
 * The profiles of the folder, read once at the start, and that of the training labels, which a profile in a
 * question needs as well.
 */
export async function openProfiles({
  profiles,
}: Pick<ServeConfig, 'profiles'>): Promise<Pick<PredictorOptions, 'profiles' | 'trainingProfile'>> {
  const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);
  return { trainingProfile, ...(profiles !== undefined && { profiles: await readProfiles(profiles) }) };
}
