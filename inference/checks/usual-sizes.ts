/** Lengths, widths and heights that objects of a class have, metres: others are worth a look. */
import type { ObjectClass } from '../classes/index.ts';

type SideRange = readonly [number, number];

export const USUAL_SIZES: Readonly<Record<ObjectClass, readonly [SideRange, SideRange, SideRange] | null>> = {
  car: [
    [3, 6],
    [1.4, 2.4],
    [1.1, 2.5],
  ],
  van: [
    [3.8, 7.5],
    [1.6, 2.7],
    [1.6, 3.2],
  ],
  pickup: [
    [4.5, 7.2],
    [1.6, 2.7],
    [1.4, 2.6],
  ],
  truck: [
    [4.5, 25],
    [1.8, 3.4],
    [1.8, 4.6],
  ],
  bus: [
    [5.5, 25],
    [2, 3.4],
    [2.3, 4.6],
  ],
  pedestrian: [
    [0.25, 1.4],
    [0.25, 1.3],
    [0.8, 2.2],
  ],
  cyclist: [
    [1.2, 2.4],
    [0.3, 1.2],
    [1.1, 2.3],
  ],
  motorcyclist: [
    [1.4, 2.8],
    [0.4, 1.3],
    [1.1, 2.3],
  ],
  other: null,
};
