/**
 * What an object's boxes in other frames tell about it here: its size, and where it may stand. A box that a
 * hand drew or accepted keeps its size in all frames; its place is foreseen twice, as of an object that
 * stands and as of one that goes on as it went.
 */
import { NearboxError } from '../../cache/index.ts';
import { type Box, inversePose, type Pose, transformBox, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { PreviousBox } from './question.ts';

/** Two foreseen places nearer to each other than this are one, metres. */
const SAME_PLACE_METRES = 0.3;
/** Nothing that is labelled goes faster: two such boxes are not of one motion, metres a second. */
const FASTEST_METRES_PER_SECOND = 70;

/** The frame that is asked about. */
export interface Now {
  readonly pose: Pose | null;
  /** Seconds. */
  readonly timestamp: number | null;
}

export interface Foreseen {
  /** Index of the box that gives the size. */
  readonly sizeFrom: number;
  readonly size: Vec3;
  /** Of that size, in the coordinates of the frame that is asked about; the likelier one first. */
  readonly boxes: readonly Box[];
}

/**
 * @param previous at least one, as the caller lists them: the one edited last comes last
 * @throws NearboxError `invalid_request` where some frames have a pose and others have none
 */
export function foresee(previous: readonly PreviousBox[], now: Now): Foreseen {
  const posed = previous.filter(({ pose }) => pose !== undefined).length;
  const hasPoses = posed > 0;
  if (hasPoses && (posed < previous.length || now.pose === null)) {
    const path = posed < previous.length ? 'previous' : 'pose';
    const message = 'poses are needed for all frames or for none';
    throw new NearboxError('invalid_request', `${path}: ${message}`, { fields: [{ path, message }] });
  }
  const sizeFrom = indexOfSize(previous);
  const { size } = previous[sizeFrom]!.box;
  const toHere = hasPoses ? inversePose(now.pose!) : null;
  const here = previous.map(({ pose, box, timestamp }) => ({
    box: { ...(toHere ? transformBox(toHere, transformBox(pose!, box)) : box), size },
    timestamp: timestamp ?? null,
  }));
  return { sizeFrom, size, boxes: distinct([...moving(here, now.timestamp), standing(here, now.timestamp)]) };
}

/** The box edited last among those that a hand drew or accepted, else the last of all. */
function indexOfSize(previous: readonly PreviousBox[]): number {
  for (let k = previous.length - 1; k >= 0; k--) if (previous[k]!.confirmed !== false) return k;
  return previous.length - 1;
}

interface Seen {
  readonly box: Box;
  readonly timestamp: number | null;
}

/** The box of the nearest frame in time, or of the last in the list where times are unknown. */
function standing(seen: readonly Seen[], time: number | null): Box {
  return nearestInTime(seen, time)[0]?.box ?? seen.at(-1)!.box;
}

/**
 * Where the object is if it goes on as between the two nearest frames; nothing where that is not known or
 * absurd.
 */
function moving(seen: readonly Seen[], time: number | null): Box[] {
  const [near, other] = nearestInTime(seen, time);
  if (near === undefined || other === undefined || time === null) return [];
  const step = near.timestamp - other.timestamp;
  const share = (time - near.timestamp) / step;
  const at = (k: 0 | 1 | 2) => near.box.center[k] + share * (near.box.center[k] - other.box.center[k]);
  const speed =
    Math.hypot(near.box.center[0] - other.box.center[0], near.box.center[1] - other.box.center[1]) /
    Math.abs(step);
  if (!(speed <= FASTEST_METRES_PER_SECOND)) return [];
  // A turn goes on too, but not beyond what was seen of it: headings of two boxes differ by noise as well.
  const turn = wrapAngle(near.box.yaw - other.box.yaw);
  const turned = Math.abs(turn) < Math.PI / 4 ? Math.max(-1, Math.min(1, share)) * turn : 0;
  return [{ ...near.box, center: [at(0), at(1), at(2)], yaw: wrapAngle(near.box.yaw + turned) }];
}

/** The frames with a time, nearest first; of one time only the last in the list. */
function nearestInTime(
  seen: readonly Seen[],
  time: number | null,
): { readonly box: Box; readonly timestamp: number }[] {
  if (time === null) return [];
  const byTime = new Map<number, Box>();
  for (const { box, timestamp } of seen) if (timestamp !== null) byTime.set(timestamp, box);
  return [...byTime]
    .map(([timestamp, box]) => ({ box, timestamp }))
    .sort((a, b) => Math.abs(a.timestamp - time) - Math.abs(b.timestamp - time));
}

function distinct(boxes: readonly Box[]): Box[] {
  const kept: Box[] = [];
  for (const box of boxes)
    if (
      kept.every(
        ({ center }) => Math.hypot(center[0] - box.center[0], center[1] - box.center[1]) > SAME_PLACE_METRES,
      )
    )
      kept.push(box);
  return kept;
}

/**
 * The heading of a foreseen box, where the answer points backwards: an object does not turn around between
 * two frames.
 */
export function facingAs(box: Box, foreseen: Box): Box {
  const isBackwards = Math.abs(wrapAngle(box.yaw - foreseen.yaw)) > Math.PI / 2;
  return isBackwards ? { ...box, yaw: wrapAngle(box.yaw + Math.PI) } : box;
}
