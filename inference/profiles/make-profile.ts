/**
 * A label profile from boxes that people drew or accepted: means over distinct objects, drawn towards the
 * default where there are few. `nearbox profile` makes it from labelled frames, `POST /v1/profiles` from the
 * boxes of a request.
 */
import type { Box } from '../boxes/index.ts';
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../classes/index.ts';
import { type LabelledFrame, readFramePoints } from '../frames/index.ts';
import { estimateGround } from '../ground/index.ts';
import { gapsOf } from './gaps.ts';
import type { ClassProfile, Padding, Profile, ProfileFile } from './profile.ts';

/** Objects with fewer points say nothing about paddings. */
const LEAST_POINTS = 50;
/** A face farther from its points than this was not seen, metres. */
const MOST_GAP_METRES = 0.4;
/** The default counts as many objects. */
const DEFAULT_WEIGHT = 10;
const PADDINGS = ['ends', 'sides', 'top', 'floor'] as const satisfies readonly (keyof Padding)[];
/** Points this near to a box, from above, tell its paddings and its ground, metres. */
export const PROFILE_REACH_METRES = 15;

/** A box that an annotator accepted, with the points around it. */
export interface AcceptedBox {
  readonly box: Box;
  readonly class: ObjectClass;
  /** x, y, z interleaved, relative to the box's centre; of what is within `PROFILE_REACH_METRES`. */
  readonly points: Float32Array;
}

/** One look at an object: its size, and the paddings that its points tell. */
interface Sighting {
  readonly size: Box['size'];
  readonly padding: Readonly<Partial<Record<keyof Padding, number>>>;
}

export interface ProfileOfBoxesOptions {
  /** A profile that the boxes are added to; null: none. */
  readonly given: ProfileFile | null;
  /** What few objects are drawn towards; null: means as they are. */
  readonly towards: Profile | null;
}

export interface MadeProfile {
  readonly profile: ProfileFile;
  /** Objects in the profile, by class, those of the given profile included. */
  readonly counts: Partial<Record<ObjectClass, number>>;
}

/**
 * The profile of some boxes, each another object. Adding boxes in several steps gives the same as adding them
 * at once, to the last digit that is written (0.1 mm). Classes that the default does not know are left out.
 */
export function profileOfBoxes(
  items: readonly AcceptedBox[],
  { given, towards }: ProfileOfBoxesOptions,
): MadeProfile {
  const seen = new Map<ObjectClass, Sighting[][]>();
  for (const { box, class: name, points } of items) {
    const objects = seen.get(name) ?? [];
    seen.set(name, objects);
    objects.push([{ size: box.size, padding: paddingOf(box, points, points.length / 3) }]);
  }
  return profileOfSightings(seen, { given, towards });
}

export interface MakeProfileOptions {
  /** What few objects are drawn towards; null: means as they are. */
  readonly towards: Profile | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** The profile of labelled frames. An object counts once, however many frames show it. */
export async function makeProfile(
  frames: readonly LabelledFrame[],
  { towards, signal, onProgress }: MakeProfileOptions,
): Promise<ProfileFile> {
  // Class -> object -> what was seen of it in each frame.
  const seen = new Map<ObjectClass, Map<string, Sighting[]>>();
  for (const [k, frame] of frames.entries()) {
    signal?.throwIfAborted();
    const points = frame.objects.length > 0 ? await readFramePoints(frame) : new Float32Array();
    for (const [index, object] of frame.objects.entries()) {
      const name = labelClass(object.class);
      const ofClass = seen.get(name) ?? new Map<string, Sighting[]>();
      seen.set(name, ofClass);
      const id = `${frame.scene}/${object.id ?? `${frame.id}#${index}`}`;
      const found = ofClass.get(id) ?? [];
      ofClass.set(id, found);
      const near = pointsNear(object, points);
      found.push({ size: object.size, padding: paddingOf(object, near, near.length / 3) });
    }
    onProgress?.((k + 1) / frames.length);
  }
  const objects = new Map([...seen].map(([name, ofClass]) => [name, [...ofClass.values()]]));
  return profileOfSightings(objects, { given: null, towards }).profile;
}

/** The points of a frame (x, y, z, intensity) about a box, x, y, z relative to its centre. */
function pointsNear({ center: [x, y, z] }: Box, points: Float32Array): Float32Array {
  const near: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [dx, dy] = [points[i]! - x, points[i + 1]! - y];
    if (dx * dx + dy * dy < PROFILE_REACH_METRES ** 2) near.push(dx, dy, points[i + 2]! - z);
  }
  return Float32Array.from(near);
}

/** @param positions relative to the box's centre */
function paddingOf(object: Box, positions: Float32Array, count: number): Sighting['padding'] {
  const ground = estimateGround(positions, count, [0, 0]);
  const gaps = gapsOf({ ...object, center: [0, 0, 0] }, positions, count, ground);
  if (gaps === null || gaps.count < LEAST_POINTS) return {};
  const seen = (gap: number) => (gap < MOST_GAP_METRES ? gap : undefined);
  const ends = seen(Math.min(gaps.front, gaps.rear));
  const sides = seen(Math.min(gaps.left, gaps.right));
  const top = seen(gaps.top);
  return {
    ...(ends !== undefined && { ends }),
    ...(sides !== undefined && { sides }),
    ...(top !== undefined && { top }),
    ...(gaps.floor !== null && Math.abs(gaps.floor) < MOST_GAP_METRES && { floor: gaps.floor }),
  };
}

/** @param seen class -> objects -> sightings of each */
function profileOfSightings(
  seen: ReadonlyMap<ObjectClass, readonly (readonly Sighting[])[]>,
  { given, towards }: ProfileOfBoxesOptions,
): MadeProfile {
  const classes: Partial<Record<ObjectClass, ClassProfile>> = {};
  for (const name of OBJECT_CLASSES) {
    const objects = seen.get(name) ?? [];
    const before = given?.classes[name];
    const start = towards?.classes[name];
    if (objects.length === 0) {
      if (before !== undefined) classes[name] = before;
      continue;
    }
    if (towards !== null && start === undefined && before === undefined) continue;
    const ofClass = classProfile(objects, before, start);
    if (ofClass !== null) classes[name] = ofClass;
  }
  const counts = Object.fromEntries(Object.entries(classes).map(([name, { objects }]) => [name, objects]));
  return { profile: { format: 'nearbox-profile-1', classes }, counts };
}

/** Each object counts once. null: no padding is known and there is no default to take it from. */
function classProfile(
  objects: readonly (readonly Sighting[])[],
  before: ClassProfile | undefined,
  start: ClassProfile | undefined,
): ClassProfile | null {
  const prior = before ?? start;
  // A given profile was itself drawn towards the default, which is still in its means.
  const weight = (known: number) => (prior === undefined ? 0 : DEFAULT_WEIGHT + (before ? known : 0));
  const size = ([0, 1, 2] as const).map((axis) =>
    drawn(
      objects.map((of) => mean(of.map((sighting) => sighting.size[axis]))),
      prior?.size[axis],
      weight(before?.objects ?? 0),
    ),
  );
  const seen = { ends: 0, sides: 0, top: 0, floor: 0 };
  const padding = PADDINGS.map((name) => {
    const values = objects.flatMap((of) => {
      const known = of.flatMap((sighting) => sighting.padding[name] ?? []);
      return known.length > 0 ? [mean(known)] : [];
    });
    const seenBefore = before?.seen?.[name] ?? before?.objects ?? 0;
    seen[name] = seenBefore + values.length;
    return drawn(values, prior?.padding[name], weight(seenBefore));
  });
  if ([...size, ...padding].some((value) => value === null)) return null;
  const [l, w, h] = size as [number, number, number];
  const [ends, sides, top, floor] = padding as [number, number, number, number];
  return {
    objects: (before?.objects ?? 0) + objects.length,
    seen,
    size: [l, w, h],
    padding: { ends, sides, top, floor },
  };
}

/** The mean of the values and of `weight` times the prior; null if there is neither. */
function drawn(values: readonly number[], prior: number | undefined, weight: number): number | null {
  if (values.length + weight === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0) + weight * (prior ?? 0);
  return Number((sum / (values.length + weight)).toFixed(4));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
