/** Prior sizes of the classes. */
import type { Vec3 } from '../../boxes/index.ts';
import type { ObjectClass } from '../../classes/index.ts';

/** Length, width, height in metres: the mean over the objects of a class and their standard deviation. */
export interface SizePrior {
  readonly mean: Vec3;
  readonly spread: Vec3;
}

/** A class that the fit may guess: how common it is among the labelled objects of a street, and its sizes. */
export interface ClassPrior extends SizePrior {
  readonly class: ObjectClass;
  readonly share: number;
}

/**
 * Means: averages of published class means of three data sets, each counted once (so a third of it is KITTI's
 * own, of which we also measure frames):
 * - KITTI: mean sizes used by Frustum PointNets (`g_type_mean_size`): car 3.88 1.63 1.53, van 5.07 1.90 2.21,
 *   truck 10.14 2.59 3.25, pedestrian .84 .66 1.76, cyclist 1.76 .60 1.74;
 * - nuScenes: anchors of CenterPoint/OpenPCDet: car 4.63 1.97 1.74, truck 6.93 2.51 2.84, bus 10.5 2.94 3.47,
 *   bicycle 1.70 .60 1.28 (no rider), motorcycle 2.11 .77 1.47, pedestrian .73 .67 1.77;
 * - Waymo: anchors of mmdetection3d: vehicle 4.73 2.08 1.77, pedestrian .91 .84 1.74, cyclist 1.81 .84 1.77.
 *   Pickups: makers' figures of two full-size and two mid-size models (F-150 5.89 2.03 1.96, Silverado 5.89
 *   2.06 1.92, Hilux 5.33 1.86 1.82, Ranger 5.37 1.92 1.88). Spreads: a tenth of the mean within a set, to
 *   which comes how far the sets' means lie apart (cars: .45, .23, .13 m); more where a class spans several
 *   kinds (trucks, buses, postures). Shares: rounded from the published instance counts of KITTI and
 *   nuScenes.
 */
export const CLASS_PRIORS: readonly ClassPrior[] = [
  { class: 'car', share: 0.62, mean: [4.41, 1.89, 1.68], spread: [0.58, 0.22, 0.18] },
  { class: 'van', share: 0.05, mean: [5.07, 1.95, 2.2], spread: [0.6, 0.2, 0.28] },
  { class: 'pickup', share: 0.04, mean: [5.62, 1.97, 1.9], spread: [0.5, 0.2, 0.18] },
  { class: 'truck', share: 0.06, mean: [8.5, 2.55, 3.05], spread: [2.5, 0.25, 0.5] },
  { class: 'bus', share: 0.02, mean: [11, 2.9, 3.4], spread: [2, 0.2, 0.3] },
  { class: 'pedestrian', share: 0.14, mean: [0.83, 0.72, 1.76], spread: [0.2, 0.15, 0.13] },
  { class: 'cyclist', share: 0.04, mean: [1.78, 0.72, 1.75], spread: [0.2, 0.15, 0.13] },
  { class: 'motorcyclist', share: 0.03, mean: [2.1, 0.8, 1.6], spread: [0.25, 0.15, 0.2] },
];

/** `other` may be anything: a wide prior that hardly matters. */
export const ANY_PRIOR: ClassPrior = {
  class: 'other',
  share: 0.02,
  mean: [2, 1.5, 1.5],
  spread: [2, 1.2, 1],
};

/**
 * Classes of similar size share region growing: largest distance of points from the hint and height over the
 * ground, metres.
 */
export interface SizeGroup {
  readonly classes: readonly ObjectClass[];
  readonly reach: number;
  readonly height: number;
}

export const SIZE_GROUPS: readonly SizeGroup[] = [
  { classes: ['car', 'van', 'pickup'], reach: 6, height: 2.6 },
  { classes: ['pedestrian', 'cyclist', 'motorcyclist'], reach: 2.2, height: 2.1 },
  { classes: ['truck', 'bus', 'other'], reach: 14, height: 4.2 },
];

export function classPrior(name: ObjectClass): ClassPrior {
  return CLASS_PRIORS.find((prior) => prior.class === name) ?? ANY_PRIOR;
}

/**
 * Combines two independent estimates of a size, weighted by precision. `spread`: standard deviation of the
 * given size, metres.
 */
export function combined(prior: SizePrior, given: Vec3, spread: Vec3): SizePrior {
  const mean: number[] = [];
  const both: number[] = [];
  for (let k = 0; k < 3; k++) {
    const a = 1 / prior.spread[k]! ** 2;
    const b = 1 / spread[k]! ** 2;
    mean.push((a * prior.mean[k]! + b * given[k]!) / (a + b));
    both.push(Math.sqrt(1 / (a + b)));
  }
  return { mean: [mean[0]!, mean[1]!, mean[2]!], spread: [both[0]!, both[1]!, both[2]!] };
}
