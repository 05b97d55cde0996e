/** The names that programs use for the intensity. */

/**
 * In lower case; the first name that occurs is used. `i`: FAST-LIO and others. `reflectivity`: Livox, Ouster.
 * `reflectance`: Leica, FARO. `remission`: SemanticKITTI, SICK. `amplitude`: RIEGL. `signal`: Ouster.
 * `scalar_`: CloudCompare's prefix.
 */
const NAMES = [
  ...['intensity', 'i', 'reflectivity', 'reflectance', 'remission', 'intensities', 'remissions'],
  ...['reflectivities', 'amplitude', 'signal', 'intens'],
];

const INTENSITY_NAMES: readonly string[] = NAMES.flatMap((name) => [name, `scalar_${name}`]);

/** The entry of `names` that is the intensity, unchanged; null if there is none. */
export function intensityName(names: readonly string[]): string | null {
  for (const known of INTENSITY_NAMES) {
    const found = names.find((name) => name.toLowerCase() === known);
    if (found !== undefined) return found;
  }
  return null;
}
