/** All checks over finished frames. */
import type { BoxFinding, CheckedFrame } from './finding.ts';
import { checkFrame } from './single-checks.ts';
import { checkTracks } from './track-checks.ts';

/** What is unlikely to be right, frame by frame in the order given. */
export function checkBoxes(frames: readonly CheckedFrame[]): BoxFinding[] {
  const found = [
    ...frames.flatMap(checkFrame),
    ...[...grouped(frames).values()].flatMap((sequence) => checkTracks(sequence)),
  ];
  const order = new Map(frames.map(({ id }, index) => [id, index]));
  return found.sort((a, b) => order.get(a.frame)! - order.get(b.frame)! || a.index - b.index);
}

function grouped(frames: readonly CheckedFrame[]): Map<string, CheckedFrame[]> {
  const groups = new Map<string, CheckedFrame[]>();
  for (const frame of frames) {
    const group = groups.get(frame.sequence) ?? [];
    group.push(frame);
    groups.set(frame.sequence, group);
  }
  return groups;
}
