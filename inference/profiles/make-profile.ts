/** A label profile from labelled frames: means over distinct objects, drawn towards the default where there are few. */
import type { Box } from '../boxes/index.ts';
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../classes/index.ts';
import { type LabelledFrame, readFramePoints } from '../frames/index.ts';
import { estimateGround } from '../ground/index.ts';
import { gapsOf } from './gaps.ts';
import type { ClassProfile, Padding, Profile, ProfileFile } from './profile.ts';

/** Objects with fewer points say nothing about paddings. */
const LEAST_POINTS = 50;
/** A face farther from its points than this, metres, was not seen. */
const MOST_GAP = 0.4;
/** The default counts as many objects. */
const DEFAULT_WEIGHT = 10;
const PADDINGS = ['ends', 'sides', 'top', 'floor'] as const satisfies readonly (keyof Padding)[];
/** Ground is estimated from the points this near, metres. */
const REACH = 15;

interface Sighting {
  readonly size: Box['size'];
  readonly padding: Readonly<Partial<Record<keyof Padding, number>>>;
}

export interface MakeProfileOptions {
  /** What few objects are drawn towards; null: means as they are. */
  readonly towards: Profile | null;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

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
      found.push({ size: object.size, padding: paddingOf(object, points) });
    }
    onProgress?.((k + 1) / frames.length);
  }
  const classes: Partial<Record<ObjectClass, ClassProfile>> = {};
  for (const name of OBJECT_CLASSES) {
    const objects = [...(seen.get(name) ?? new Map<string, Sighting[]>()).values()];
    const start = towards?.classes[name];
    if (objects.length === 0 || (towards !== null && start === undefined)) continue;
    const ofClass = classProfile(objects, start);
    if (ofClass !== null) classes[name] = ofClass;
  }
  return { format: 'nearbox-profile-1', classes };
}

function paddingOf(object: Box, points: Float32Array): Sighting['padding'] {
  const near: number[] = [];
  const [x, y, z] = object.center;
  for (let i = 0; i < points.length; i += 4) {
    const [dx, dy] = [points[i]! - x, points[i + 1]! - y];
    if (dx * dx + dy * dy < REACH * REACH) near.push(dx, dy, points[i + 2]! - z);
  }
  const positions = Float32Array.from(near);
  const count = near.length / 3;
  const ground = estimateGround(positions, count, [0, 0]);
  const gaps = gapsOf({ ...object, center: [0, 0, 0] }, positions, count, ground);
  if (gaps === null || gaps.count < LEAST_POINTS) return {};
  const seen = (gap: number) => (gap < MOST_GAP ? gap : undefined);
  const ends = seen(Math.min(gaps.front, gaps.rear));
  const sides = seen(Math.min(gaps.left, gaps.right));
  const top = seen(gaps.top);
  return {
    ...(ends !== undefined && { ends }),
    ...(sides !== undefined && { sides }),
    ...(top !== undefined && { top }),
    ...(gaps.floor !== null && Math.abs(gaps.floor) < MOST_GAP && { floor: gaps.floor }),
  };
}

/** Each object counts once, however many frames show it. null: no padding is known and there is no default to take it from. */
function classProfile(
  objects: readonly (readonly Sighting[])[],
  start: ClassProfile | undefined,
): ClassProfile | null {
  const size = ([0, 1, 2] as const).map((axis) =>
    drawn(
      objects.map((of) => mean(of.map((sighting) => sighting.size[axis]))),
      start?.size[axis],
    ),
  );
  const padding = PADDINGS.map((name) => {
    const values = objects.flatMap((of) => {
      const known = of.flatMap((sighting) => sighting.padding[name] ?? []);
      return known.length > 0 ? [mean(known)] : [];
    });
    return drawn(values, start?.padding[name]);
  });
  if ([...size, ...padding].some((value) => value === null)) return null;
  const [l, w, h] = size as [number, number, number];
  const [ends, sides, top, floor] = padding as [number, number, number, number];
  return { objects: objects.length, size: [l, w, h], padding: { ends, sides, top, floor } };
}

/** The mean of the values and of DEFAULT_WEIGHT times the default. */
function drawn(values: readonly number[], towards: number | undefined): number | null {
  const weight = towards === undefined ? 0 : DEFAULT_WEIGHT;
  if (values.length + weight === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0) + weight * (towards ?? 0);
  return Number((sum / (values.length + weight)).toFixed(4));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
