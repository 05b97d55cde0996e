/** How classes look. */
import type { Vec3 } from '../../../inference/boxes/index.ts';
import type { ObjectClass } from '../../../inference/classes/index.ts';

export interface ClassStyle {
  /** `#rrggbb`, told apart on light and on dark ground. */
  readonly colour: string;
  /** Usual length, width, height, metres: what a box has that was set without a fit. */
  readonly size: Vec3;
}

export const CLASS_STYLES: Readonly<Record<ObjectClass, ClassStyle>> = {
  car: { colour: '#3b9dff', size: [4.5, 1.85, 1.6] },
  van: { colour: '#17b8a6', size: [5.1, 2, 2.1] },
  truck: { colour: '#b07cff', size: [8, 2.6, 3.2] },
  bus: { colour: '#7c8cff', size: [11.5, 2.9, 3.3] },
  pickup: { colour: '#4cc3e8', size: [5.6, 2, 1.85] },
  pedestrian: { colour: '#ff6b6b', size: [0.7, 0.7, 1.75] },
  cyclist: { colour: '#4fc46a', size: [1.8, 0.65, 1.7] },
  motorcyclist: { colour: '#e36cc0', size: [2.1, 0.8, 1.6] },
  other: { colour: '#a8a29a', size: [2, 1.5, 1.5] },
};

/** `#rrggbb` as 0..1 each. */
export function rgb(colour: string): Vec3 {
  const value = Number.parseInt(colour.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
