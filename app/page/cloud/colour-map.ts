/**
 * Ways to colour points, and the colours of numbers 0..1, as tables for the GPU. Perceived brightness rises
 * along each; both ends show on dark and on light ground.
 */

/** `own`: red, green and blue as the cloud has them. */
export type ColourMode = 'height' | 'intensity' | 'distance' | 'class' | 'own';
export const COLOUR_MODES: readonly ColourMode[] = ['height', 'intensity', 'distance', 'class', 'own'];

type Stop = readonly [number, number, number];

const HEIGHT: readonly Stop[] = [
  [70, 84, 168],
  [58, 138, 196],
  [62, 186, 172],
  [132, 206, 110],
  [222, 214, 92],
  [240, 150, 72],
  [214, 84, 74],
];
const DISTANCE: readonly Stop[] = [
  [244, 226, 120],
  [122, 200, 126],
  [50, 158, 150],
  [58, 104, 158],
  [86, 62, 132],
];
const INTENSITY_DARK: readonly Stop[] = [
  [72, 74, 88],
  [128, 120, 132],
  [196, 176, 150],
  [255, 240, 200],
];
const INTENSITY_LIGHT: readonly Stop[] = [
  [176, 176, 184],
  [120, 116, 132],
  [82, 62, 84],
  [40, 16, 36],
];
const PLAIN_DARK: readonly Stop[] = [
  [84, 90, 104],
  [138, 146, 160],
];
const PLAIN_LIGHT: readonly Stop[] = [
  [176, 182, 192],
  [116, 122, 134],
];

/** 256 colours, four bytes each. */
export function colourTable(mode: ColourMode, isDark: boolean): Uint8Array<ArrayBuffer> {
  const stops = {
    height: HEIGHT,
    distance: DISTANCE,
    intensity: isDark ? INTENSITY_DARK : INTENSITY_LIGHT,
    class: isDark ? PLAIN_DARK : PLAIN_LIGHT,
    // Of points whose own colours are not there yet.
    own: isDark ? PLAIN_DARK : PLAIN_LIGHT,
  }[mode];
  const table = new Uint8Array(256 * 4);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(place));
    const part = place - low;
    for (const k of [0, 1, 2] as const)
      table[4 * i + k] = Math.round(stops[low]![k] * (1 - part) + stops[low + 1]![k] * part);
    table[4 * i + 3] = 255;
  }
  return table;
}

/**
 * Low and high of most values, so that a few strays do not take the colours: the given shares of a sample.
 */
export function valueRange(
  values: Float32Array | number[],
  low = 0.02,
  high = 0.98,
): readonly [number, number] {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return at(high) > at(low) ? [at(low), at(high)] : [at(low), at(low) + 1];
}
