/** The lines of an object that come before its final ones: its head, its keyframes, provisional boxes. */
import type { TrackBox, TrackHead } from './lines.ts';
import type { Chain, ObjectTrack } from './objects/index.ts';
import { boxInFrame, type TrackTask } from './sequence.ts';

/** The first line of an object. */
export function headOf(track: ObjectTrack): TrackHead {
  const disagreements = track.disagreements();
  const between = track.segments.reduce((total, segment) => total + segment.frames.length, 0);
  return {
    id: track.id,
    track: {
      static: track.isStatic!,
      size: track.size,
      sizeFrom: track.sizeFrom,
      frames: between + track.keys.length + track.absent.length,
      ...(disagreements.length > 0 && { disagreements }),
    },
  };
}

/** The box of a chain in a frame, until the segment is complete. */
export function provisionalLine(chain: Chain, frame: number, { frames }: TrackTask): TrackBox {
  const sighting = chain.track.onTheWay.get(frame)!;
  const { fit, start, isBorneOut } = sighting;
  return {
    id: chain.track.id,
    frame,
    box: boxInFrame(frames[frame]!, chain.box),
    score: isBorneOut ? fit!.score : 0.5,
    status: isBorneOut ? 'measured' : chain.other === null ? 'predicted' : 'interpolated',
    method: isBorneOut ? 'model' : 'motion',
    points: isBorneOut ? fit!.inside : start.inside,
    velocity: chain.velocity,
    final: false,
  };
}

/** The lines of the keyframes in the requested range; they are final. */
export function* keyframeLines(track: ObjectTrack, { range, frames }: TrackTask): Generator<TrackBox> {
  for (const { frame, drawn, isFixed, world, points } of track.keys)
    if (frame >= range[0] && frame <= range[1])
      yield {
        id: track.id,
        frame,
        box: isFixed ? drawn : boxInFrame(frames[frame]!, world),
        score: isFixed ? 1 : 0.9,
        status: 'keyframe',
        method: isFixed ? 'keyframe' : 'model',
        points,
        velocity: [0, 0, 0],
        final: true,
      };
}
