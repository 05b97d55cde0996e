/** Checks of an object through its frames: its size, its class, its way. */
import { type Box, IDENTITY_POSE, transformBox, wrapAngle } from '../boxes/index.ts';
import type { BoxFinding, CheckedFrame, CheckedObject } from './finding.ts';

/** A side may differ by this from the track's median, metres. */
const SIZE_DIFFERS = 0.12;
/** Nothing on wheels or feet accelerates like this, m/s2; and places are drawn this well, metres. */
const MOST_ACCELERATION = 12;
const DRAWN_TO = 0.35;
/** From frame to frame nothing turns by this, radians. */
const MOST_TURN = Math.PI / 3;
const FRAME_SECONDS = 0.1;
/** Frames farther apart are not compared, seconds. */
const MAX_GAP_SECONDS = 1;

interface Occurrence {
  readonly frame: string;
  readonly index: number;
  readonly seconds: number;
  readonly object: CheckedObject;
  /** In the world. */
  readonly box: Box;
}

/** @param frames of one sequence, in the order of time */
export function checkTracks(frames: readonly CheckedFrame[]): BoxFinding[] {
  const tracks = new Map<string, Occurrence[]>();
  for (const [k, { id: frame, pose, timestamp, objects }] of frames.entries())
    for (const [index, object] of objects.entries()) {
      if (object.id === null) continue;
      const occurrences = tracks.get(object.id) ?? [];
      const seconds = timestamp ?? k * FRAME_SECONDS;
      occurrences.push({
        frame,
        index,
        seconds,
        object,
        box: transformBox(pose ?? IDENTITY_POSE, object.box),
      });
      tracks.set(object.id, occurrences);
    }
  return [...tracks.values()].flatMap((occurrences) => [
    ...sizes(occurrences),
    ...classes(occurrences),
    ...headings(occurrences),
    ...speeds(occurrences),
  ]);
}

function finding(
  { frame, index, object: { id } }: Occurrence,
  kind: BoxFinding['kind'],
  value: number,
): BoxFinding {
  return { kind, frame, id, index, value };
}

function sizes(occurrences: readonly Occurrence[]): BoxFinding[] {
  const medians = ([0, 1, 2] as const).map((k) => median(occurrences.map(({ box }) => box.size[k])));
  return occurrences.flatMap((occurrence) => {
    const differs = medians.map((side, k) => occurrence.box.size[k]! - side);
    const worst = differs.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
    return Math.abs(worst) > SIZE_DIFFERS ? [finding(occurrence, 'size_of_track', worst)] : [];
  });
}

function classes(occurrences: readonly Occurrence[]): BoxFinding[] {
  const counts = new Map<string, number>();
  for (const { object } of occurrences) counts.set(object.class, (counts.get(object.class) ?? 0) + 1);
  if (counts.size < 2) return [];
  const [usual] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  return occurrences.flatMap((occurrence) =>
    occurrence.object.class === usual ? [] : [{ ...finding(occurrence, 'class_changes', 0), other: usual }],
  );
}

function headings(occurrences: readonly Occurrence[]): BoxFinding[] {
  return occurrences.slice(1).flatMap((occurrence, k) => {
    const before = occurrences[k]!;
    if (occurrence.seconds - before.seconds > MAX_GAP_SECONDS) return [];
    const turn = wrapAngle(occurrence.box.yaw - before.box.yaw);
    return Math.abs(turn) > MOST_TURN ? [finding(occurrence, 'heading_jump', turn)] : [];
  });
}

/** A box that lies off the way between its neighbours, by more than it could have swerved. */
function speeds(occurrences: readonly Occurrence[]): BoxFinding[] {
  const found: BoxFinding[] = [];
  for (let k = 1; k < occurrences.length - 1; k++) {
    const [before, occurrence, after] = [occurrences[k - 1]!, occurrences[k]!, occurrences[k + 1]!];
    const span = after.seconds - before.seconds;
    if (span > 2 * MAX_GAP_SECONDS) continue;
    const share = (occurrence.seconds - before.seconds) / span;
    const [dx, dy] = [0, 1].map(
      (axis) =>
        occurrence.box.center[axis]! -
        (before.box.center[axis]! + share * (after.box.center[axis]! - before.box.center[axis]!)),
    ) as [number, number];
    const off = Math.hypot(dx, dy);
    // What a constant acceleration makes of the middle of the way.
    const swerve = (MOST_ACCELERATION * span * span * share * (1 - share)) / 2;
    if (off > DRAWN_TO + swerve) found.push(finding(occurrence, 'speed_jump', off));
  }
  // One misplaced box also puts its neighbours off their way: the worst of a run is the one to look at.
  return found.filter(
    (one) =>
      !found.some((other) => other !== one && near(occurrences, one, other) && other.value > one.value),
  );
}

function near(occurrences: readonly Occurrence[], a: BoxFinding, b: BoxFinding): boolean {
  const at = (one: BoxFinding) => occurrences.findIndex(({ frame }) => frame === one.frame);
  return Math.abs(at(a) - at(b)) === 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
