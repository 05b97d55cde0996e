/** The names that programs use for the intensity. */
import { plainName } from './known-names.ts';

/**
 * Without separators and CloudCompare's prefix; the first name that occurs is used. `i`: FAST-LIO and others.
 * `reflectivity`: Livox, Ouster. `reflectance`: Leica, FARO. `remission`: SemanticKITTI, SICK. `amplitude`:
 * RIEGL. `signal`: Ouster.
 */
const NAMES = [
  ...['intensity', 'i', 'reflectivity', 'reflectance', 'remission', 'intensities', 'remissions'],
  ...['reflectivities', 'amplitude', 'signal', 'intens', 'refl', 'signalstrength', 'brightness', 'albedo'],
];
/** Longer names that say it: `laser_intensity`, `raw reflectance`, `reflectiveness`. */
const WITHIN = /intensit|reflect|remission|amplitude/;

/** The entry of `names` that is the intensity, unchanged; null if there is none. */
export function intensityName(names: readonly string[]): string | null {
  const plain = names.map(plainName);
  for (const known of NAMES) {
    const found = names[plain.indexOf(known)];
    if (found !== undefined) return found;
  }
  return names[plain.findIndex((name) => WITHIN.test(name))] ?? null;
}
