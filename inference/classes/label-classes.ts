/** Maps the class names of the public data sets to ours. */
import type { ObjectClass } from './object-classes.ts';

/** Classes in reports: rare classes of similar size are counted together. */
export const LABEL_GROUPS = ['car', 'van', 'truck', 'pedestrian', 'cyclist', 'other'] as const;

export type LabelGroup = (typeof LABEL_GROUPS)[number];

/**
 * A data set's own class name (KITTI, PandaSet, nuScenes, Waymo, Argoverse, ours) to the group it is reported
 * in.
 */
export function labelGroup(name: string): LabelGroup {
  const n = name.toLowerCase();
  const carried = /pedestrian with object/.test(n);
  if (/rack|construction|emergency|towed|cart|pedicab|object$/.test(n) && !carried) return 'other';
  if (/pedestrian|person|^ped\b/.test(n)) return /sitting/.test(n) ? 'other' : 'pedestrian';
  if (/cyclist|bicycle|motorcycl|rider|motorbike|scooter/.test(n)) return 'cyclist';
  if (/^van$|vehicle\.van/.test(n)) return 'van';
  if (/truck|bus|semi|trailer|large_vehicle/.test(n) && !/pickup/.test(n)) return 'truck';
  return /^car$|pickup|type_vehicle|regular_vehicle|^vehicle$|vehicle\.car|suv/.test(n) ? 'car' : 'other';
}

/** A data set's own class name to ours. */
export function labelClass(name: string): ObjectClass {
  const n = name.toLowerCase();
  const group = labelGroup(name);
  if (group === 'car') return /pickup/.test(n) ? 'pickup' : 'car';
  if (group === 'truck') return /bus/.test(n) ? 'bus' : 'truck';
  if (group === 'cyclist') return /motorcycl|motorbike|scooter/.test(n) ? 'motorcyclist' : 'cyclist';
  return group;
}
