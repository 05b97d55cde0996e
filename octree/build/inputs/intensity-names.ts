/** What writers call the intensity. */

/**
 * In lower case, the first one found is taken. `i`: FAST-LIO and others. `reflectivity`: Livox, Ouster.
 * `reflectance`: Leica, FARO. `remission`: SemanticKITTI, SICK. `scalar_`: CloudCompare's prefix.
 */
const NAMES = ['intensity', 'i', 'reflectivity', 'reflectance', 'remission', 'intensities', 'remissions'];

const INTENSITY_NAMES: readonly string[] = NAMES.flatMap((name) => [name, `scalar_${name}`]);

/** The name in `names` that stands for the intensity, as it is written there; null if there is none. */
export function intensityName(names: readonly string[]): string | null {
  for (const known of INTENSITY_NAMES) {
    const found = names.find((name) => name.toLowerCase() === known);
    if (found !== undefined) return found;
  }
  return null;
}
