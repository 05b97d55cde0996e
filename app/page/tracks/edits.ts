/** What an annotator does to a whole track: each function returns a new work. */
import type { Box, Vec3 } from '../../../inference/boxes/index.ts';
import { toWorld } from '../boxes/index.ts';
import {
  ABSENT,
  findLabel,
  frameOf,
  freeNumber,
  isByHand,
  type Label,
  labelsOf,
  removeLabel,
  setMissing,
  updateLabel,
  type Work,
  withLabels,
} from '../model/index.ts';

/** Locks a box, or lets go of it again: no track moves a locked box. */
export function setLocked(work: Work, frame: string, id: string, isLocked: boolean): Work {
  const label = findLabel(work, frame, id);
  if (label === undefined) return work;
  const track = { status: 'keyframe' as const, isStatic: false, ...label.track };
  return updateLabel(work, frame, id, { track: { ...track, isLocked: isLocked ? true : undefined } });
}

/** Says that the object is not in a frame, or takes that back. */
export function setAbsent(work: Work, frame: string, id: string, isAbsent: boolean): Work {
  const label = findLabel(work, frame, id);
  const without = isAbsent && label !== undefined ? removeLabel(work, frame, id) : work;
  return setMissing(without, frame, id, isAbsent ? ABSENT : null);
}

/** From a frame on, the object is another one. Returns its id; null if there is nothing to split. */
export function splitTrack(
  work: Work,
  frames: readonly string[],
  at: number,
  id: string,
): { readonly work: Work; readonly id: string | null } {
  const isKnown = (frame: string) => findLabel(work, frame, id) !== undefined;
  if (!frames.slice(0, at).some(isKnown) || !frames.slice(at).some(isKnown)) return { work, id: null };
  const number = freeNumber(work);
  const later = renamed(work, frames.slice(at), id, String(number));
  return { work: { ...later, nextId: number + 1 }, id: String(number) };
}

/** True if the two objects have boxes in one frame. */
export function overlaps(work: Work, frames: readonly string[], id: string, other: string): boolean {
  return frames.some(
    (frame) => findLabel(work, frame, id) !== undefined && findLabel(work, frame, other) !== undefined,
  );
}

/**
 * Makes one object of two, under the id `into`. Where both have a box, one that a hand stands for stays, else
 * the surer one.
 */
export function mergeTracks(work: Work, frames: readonly string[], id: string, into: string): Work {
  const result = frames.reduce((sofar, frame) => {
    const [mine, other] = [findLabel(sofar, frame, into), findLabel(sofar, frame, id)];
    if (mine === undefined || other === undefined) return sofar;
    return removeLabel(sofar, frame, worth(other) > worth(mine) ? into : id);
  }, work);
  return renamed(result, frames, id, into);
}

function worth(label: Label): number {
  return isByHand(label) ? 2 : (label.score ?? 0);
}

/** Deletes the boxes of an object from a frame on, locked ones too. */
export function deleteFrom(work: Work, frames: readonly string[], at: number, id: string): Work {
  return frames.slice(at).reduce((result, frame) => {
    const without = findLabel(result, frame, id) === undefined ? result : removeLabel(result, frame, id);
    return frameOf(without, frame).missing[id] === undefined ? without : setMissing(without, frame, id, null);
  }, work);
}

/** Another id in all frames. The two must not have boxes in one frame. */
export function renamed(work: Work, frames: readonly string[], id: string, to: string): Work {
  return frames.reduce((result, frame) => {
    const { missing } = frameOf(result, frame);
    const why = missing[id];
    const moved = why === undefined ? result : setMissing(result, frame, id, null);
    const isThere = findLabel(moved, frame, id) !== undefined;
    const labels = labelsOf(moved, frame).map((label) => (label.id === id ? { ...label, id: to } : label));
    const named = isThere ? withLabels(moved, frame, labels) : moved;
    const hasBox = findLabel(named, frame, to) !== undefined;
    if (hasBox) return missing[to] === undefined ? named : setMissing(named, frame, to, null);
    return why === undefined || missing[to] !== undefined ? named : setMissing(named, frame, to, why);
  }, work);
}

/** What the annotator says of an object: that it stands, or moves. */
export function setStatic(work: Work, frames: readonly string[], id: string, isStatic: boolean): Work {
  return frames.reduce((result, frame) => {
    const label = findLabel(result, frame, id);
    if (label === undefined) return result;
    const track = { status: 'keyframe' as const, ...label.track, isStatic, isStaticChosen: true };
    return updateLabel(result, frame, id, { track });
  }, work);
}

/**
 * One size in all frames. Each box keeps its bottom and the sides that face the scanner: they are where the
 * points are. Locked boxes stay as they are.
 * @param sensor where the scanner stands, in the coordinates of the frames
 */
export function setSize(work: Work, frames: readonly string[], id: string, size: Vec3, sensor: Vec3): Work {
  return frames.reduce((result, frame) => {
    const label = findLabel(result, frame, id);
    if (label === undefined || label.track?.isLocked === true) return result;
    if (label.box.size.every((side, k) => Math.abs(side - size[k]!) < 1e-9)) return result;
    // What was accepted, and its score, were of another box.
    const edited = label.edited || label.state === 'accepted';
    return updateLabel(result, frame, id, { box: sized(label.box, size, sensor), edited });
  }, work);
}

function sized(box: Box, size: Vec3, sensor: Vec3): Box {
  const [dx, dy] = [sensor[0] - box.center[0], sensor[1] - box.center[1]];
  const [cos, sin] = [Math.cos(box.yaw), Math.sin(box.yaw)];
  const toSensor = [dx * cos + dy * sin, dy * cos - dx * sin] as const;
  const shift = (k: 0 | 1) => (Math.sign(toSensor[k]) * (box.size[k] - size[k])) / 2;
  const by = toWorld(box.yaw, [shift(0), shift(1), (size[2] - box.size[2]) / 2]);
  const [x, y, z] = box.center;
  return { ...box, size, center: [x + by[0], y + by[1], z + by[2]] };
}

/** The largest difference of a side among the boxes of an object, metres. */
export function sizeSpread(work: Work, frames: readonly string[], id: string): number {
  const sizes = frames.flatMap((frame) => {
    const label = findLabel(work, frame, id);
    return label === undefined ? [] : [label.box.size];
  });
  if (sizes.length === 0) return 0;
  const spread = (k: 0 | 1 | 2) => {
    const sides = sizes.map((size) => size[k]);
    return Math.max(...sides) - Math.min(...sides);
  };
  return Math.max(spread(0), spread(1), spread(2));
}
