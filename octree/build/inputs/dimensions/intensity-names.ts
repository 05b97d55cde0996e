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

/**
 * Names that often have other meanings: only where nothing else says intensity. `Scalar_field` is
 * CloudCompare's name for a column without a name. `rcs`: radars.
 */
const WEAK = [
  ...['signalphotons', 'gray', 'grey', 'grayscale', 'greyscale', 'luminance', 'power', 'rcs'],
  ...['field', 'scalarfield'],
];

/** The entry of `names` that is the intensity, unchanged; null if there is none. */
export function intensityName(names: readonly string[]): string | null {
  const plain = names.map(plainName);
  const first = (known: readonly string[]) =>
    known.map((name) => names[plain.indexOf(name)]).find((found) => found !== undefined);
  return first(NAMES) ?? names[plain.findIndex((name) => WITHIN.test(name))] ?? first(WEAK) ?? null;
}
