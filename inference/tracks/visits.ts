/** The order in which tracks visit the frames of a sequence. */
import { TRACK } from './constants.ts';
import type { FitAtPlace } from './frames/index.ts';
import type { Chain, ObjectTrack } from './objects/index.ts';
import type { Segment } from './segments.ts';

/** One object in one frame, fitted from the place of its keyframe. */
export interface PlaceVisit {
  readonly track: ObjectTrack;
  readonly frame: number;
  /** Whether it is the keyframe's own frame. */
  readonly isKeyframe: boolean;
  /** When a fit is needed beside the points. */
  readonly needs: FitAtPlace;
}

interface FrameVisit {
  readonly frame: number;
  readonly chains: readonly Chain[];
  readonly places: readonly PlaceVisit[];
}

/** The frames to visit, in the order in which the tracks reach them. */
export function visitOrder(
  chains: readonly Chain[],
  places: readonly PlaceVisit[],
  way: 'forward' | 'backward',
): FrameVisit[] {
  const visits = new Map<number, { chains: Chain[]; places: PlaceVisit[] }>();
  const at = (frame: number) => {
    const visit = visits.get(frame) ?? { chains: [], places: [] };
    visits.set(frame, visit);
    return visit;
  };
  for (const chain of chains) for (const frame of chain.frames) at(frame).chains.push(chain);
  for (const place of places) at(place.frame).places.push(place);
  const sign = way === 'forward' ? 1 : -1;
  return [...visits].sort(([a], [b]) => sign * (a - b)).map(([frame, visit]) => ({ frame, ...visit }));
}

interface FinishedSegment {
  readonly track: ObjectTrack;
  readonly segment: Segment;
}

/** Which segments are complete after each frame of this sweep, and which need no frame of it. */
export function lastVisits(
  tracks: readonly ObjectTrack[],
  chains: readonly Chain[],
  places: readonly PlaceVisit[],
  way: 'forward' | 'backward',
): { at: Map<number, FinishedSegment[]>; none: FinishedSegment[] } {
  const at = new Map<number, FinishedSegment[]>();
  const none: FinishedSegment[] = [];
  for (const track of tracks)
    for (const segment of track.segments) {
      const frames = new Set(segment.frames);
      const mine = track.isStatic
        ? places.filter((each) => each.track === track && frames.has(each.frame)).map((each) => each.frame)
        : chains
            .filter((each) => each.track === track)
            .flatMap((each) => each.frames.filter((frame) => frames.has(frame)));
      if (mine.length === 0) {
        if (track.isStatic && way === 'forward' && segment.from !== null) none.push({ track, segment });
        if (track.isStatic && way === 'forward' && segment.from === null && isLookedAt(track, segment))
          none.push({ track, segment });
        continue;
      }
      if (!track.isStatic && way === 'forward' && needsBackward(track, segment)) continue;
      const last = way === 'forward' ? Math.max(...mine) : Math.min(...mine);
      const list = at.get(last) ?? [];
      list.push({ track, segment });
      at.set(last, list);
    }
  return { at, none };
}

function isLookedAt(track: ObjectTrack, { frames }: Segment): boolean {
  return frames.every((frame) => track.atPlace.has(frame) || track.failures.has(frame));
}

/** Whether the second half of a segment is followed from its last keyframe. */
function needsBackward(track: ObjectTrack, { to, frames }: Segment): boolean {
  return to !== null && frames.some((frame) => track.keyFor(frame) === track.keys[to]);
}

/** At most `TRACK.staticFrames` of the frames, evenly spread. */
export function spread(frames: readonly number[]): number[] {
  const most = TRACK.staticFrames;
  if (frames.length <= most) return [...frames];
  return Array.from({ length: most }, (_, k) => frames[Math.round((k * (frames.length - 1)) / (most - 1))]!);
}
