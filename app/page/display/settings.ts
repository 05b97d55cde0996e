/** What the annotator wants to see. */
import type { Box } from '../../../inference/boxes/index.ts';
import type { Label } from '../model/index.ts';
import { parseFilter } from './label-filter.ts';

export const NAME_MODES = ['full', 'short', 'off'] as const;

export interface DisplaySettings {
  /** What is written over boxes: all of it, the id, or nothing. */
  readonly names: (typeof NAME_MODES)[number];
  /** See `parseFilter`. */
  readonly filter: string;
  /** Ids of objects that are hidden in all frames. */
  readonly hidden: readonly string[];
  /** Only the selected object and its surroundings. */
  readonly isIsolated: boolean;
  /** Pixels. */
  readonly pointSize: number;
  /** Shares of the points between which the colours of intensity are spread, 0..1. */
  readonly intensity: readonly [number, number];
  /** Points outside are not shown: z in metres; null: no limit. */
  readonly heights: readonly [number | null, number | null];
  readonly hidesGround: boolean;
  /** Only points on this footprint are shown. */
  readonly region: Box | null;
}

export const INITIAL_DISPLAY: DisplaySettings = {
  names: 'full',
  filter: '',
  hidden: [],
  isIsolated: false,
  pointSize: 2,
  intensity: [0.02, 0.98],
  heights: [null, null],
  hidesGround: false,
  region: null,
};

/** True if boxes are left out. */
export function hasFilter({ filter, hidden, isIsolated }: DisplaySettings): boolean {
  return filter.trim() !== '' || hidden.length > 0 || isIsolated;
}

/** The boxes that are shown; the selected one always is. A filter that cannot be read leaves out none. */
export function shownLabels(
  labels: readonly Label[],
  display: DisplaySettings,
  selected: string | null,
): readonly Label[] {
  if (!hasFilter(display)) return labels;
  const { filter, hidden, isIsolated } = display;
  const isAlone = isIsolated && labels.some(({ id }) => id === selected);
  const matches = parseFilter(filter) ?? (() => true);
  return labels.filter(
    (label) => label.id === selected || (!isAlone && !hidden.includes(label.id) && matches(label)),
  );
}
