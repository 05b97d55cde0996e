/** The classes that an object can have, as the HTTP contract names them. */
export const OBJECT_CLASSES = [
  'car',
  'van',
  'truck',
  'bus',
  'pickup',
  'pedestrian',
  'cyclist',
  'motorcyclist',
  'other',
] as const;

export type ObjectClass = (typeof OBJECT_CLASSES)[number];
