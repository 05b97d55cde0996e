/**
 * What the networks are told of a project's convention: for each class mean size and paddings, and how sure
 * each of these is. `training/projects/convention.py` makes the same numbers.
 */
import { OBJECT_CLASSES } from '../classes/index.ts';
import type { ClassProfile, Profile } from '../profiles/index.ts';
import type { Tensor } from './tensor.ts';

/**
 * Values of a class: length, width, height, paddings of ends, sides, top, height of the floor; then how sure.
 */
const VALUES = 7;
/** Shape of the input for one question: classes, and the values of each. */
export const CONVENTION_SHAPE = [OBJECT_CLASSES.length, 2 * VALUES] as const;
/** A logarithm of a ratio of sizes, and metres of padding, that count as 1. */
const SIZE_SCALE = 0.2;
const PADDING_SCALE_METRES = 0.1;
/** Values are cut off here. */
const MOST = 5;
/** A mean of so many objects is half sure. */
const HALF_SURE_OBJECTS = 10;

/** The classes of a profile. */
type Classes = Profile['classes'];

/**
 * @param profile null: nobody knows the project
 * @param reference the profile that values are compared with
 * @returns zeros for what is unknown
 */
export function conventionTensor(profile: Classes | null, reference: Classes): Tensor {
  const [classes, width] = CONVENTION_SHAPE;
  const data = new Float32Array(classes * width);
  for (const [k, name] of OBJECT_CLASSES.entries()) {
    const [own, base] = [profile?.[name], reference[name]];
    if (own === undefined || base === undefined) continue;
    const [values, known, usual] = [valuesOf(own), objectsOf(own), valuesOf(base)];
    for (let i = 0; i < VALUES; i++) {
      const sure = known[i]! / (known[i]! + HALF_SURE_OBJECTS);
      if (sure === 0) continue;
      const scaled =
        i < 3
          ? Math.log(Math.max(values[i]!, 0.05) / usual[i]!) / SIZE_SCALE
          : (values[i]! - usual[i]!) / PADDING_SCALE_METRES;
      data[k * width + i] = Math.min(MOST, Math.max(-MOST, scaled));
      data[k * width + VALUES + i] = sure;
    }
  }
  return { data, dims: [1, classes, width] };
}

function valuesOf({ size, padding }: ClassProfile): readonly number[] {
  return [...size, padding.ends, padding.sides, padding.top, padding.floor];
}

/** Of how many objects each value is a mean. */
function objectsOf({ objects, seen }: ClassProfile): readonly number[] {
  const { ends, sides, top, floor } = seen ?? {
    ends: objects,
    sides: objects,
    top: objects,
    floor: objects,
  };
  return [objects, objects, objects, ends, sides, top, floor];
}
