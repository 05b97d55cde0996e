/** How a box is part of its object's track: what is known of it, and what a hand has fixed. */

/** What a box of a track stands on; docs/tracks.md has the words. */
export const PLACE_STATUSES = ['keyframe', 'measured', 'interpolated', 'predicted', 'occluded'] as const;
export type PlaceStatus = (typeof PLACE_STATUSES)[number];

export interface TrackPlace {
  readonly status: PlaceStatus;
  /** Whether the object stands, in all frames of its track. */
  readonly isStatic: boolean;
  /** True if the annotator said so, and it was not told from the frames. */
  readonly isStaticChosen?: boolean | undefined;
  /** Nothing but a hand moves this box, and no track replaces it. */
  readonly isLocked?: boolean | undefined;
}

/**
 * Why an object has no box in a frame of its track: what the annotator says. Other words are the server's.
 */
export const ABSENT = 'absent';

/** What a label says about its part in a track. */
export interface TrackedLabel {
  readonly track?: TrackPlace | undefined;
  readonly state: 'draft' | 'accepted';
  readonly edited: boolean;
  readonly conflictsWith?: string | undefined;
}

/** True for a box that a track goes by, and that no track replaces. */
export function isKeyframe({ track, state, edited, conflictsWith }: TrackedLabel): boolean {
  if (conflictsWith !== undefined) return false;
  return isByHand({ track, state, edited }) || track === undefined || track.status === 'keyframe';
}

/** True for a box that a person stands for. */
export function isByHand({ track, state, edited }: TrackedLabel): boolean {
  return state === 'accepted' || edited || track?.isLocked === true;
}
