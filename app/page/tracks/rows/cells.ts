/** What the timeline shows of an object in a frame, and what of it an annotator should look at. */
import {
  ABSENT,
  type FrameLabels,
  isByHand,
  isUnsure,
  type Label,
  type PlaceStatus,
} from '../../model/index.ts';

export interface TimelineCell {
  /** `keyframe` for boxes that stand alone too. */
  readonly status: PlaceStatus | 'lost' | 'absent';
  /** Expected 3D IoU, 0..1; null where nobody knows. */
  readonly score: number | null;
  readonly isAccepted: boolean;
  readonly isLocked: boolean;
  /** The annotator should look at it. */
  readonly isDoubtful: boolean;
  /** Why there is no box; null where there is one. */
  readonly lost: string | null;
}

const ofLabel = new WeakMap<Label, TimelineCell>();
const ofReason = new Map<string, TimelineCell>();
/** Nobody needs to look at an object that is out of range. */
const LEFT_RANGE = 'left_range';

/** The cell of an object; undefined where nothing is known of it. Equal cells are the same one. */
export function cellOf(frame: FrameLabels | undefined, id: string): TimelineCell | undefined {
  const label = frame?.labels.find((one) => one.id === id);
  if (label !== undefined) return labelCell(label);
  const lost = frame?.missing[id];
  return lost === undefined ? undefined : lostCell(lost);
}

export function labelCell(label: Label): TimelineCell {
  let cell = ofLabel.get(label);
  if (cell === undefined) {
    const { edited, score, state, track } = label;
    cell = {
      status: track?.status ?? 'keyframe',
      score: edited ? null : score,
      isAccepted: state === 'accepted',
      isLocked: track?.isLocked === true,
      isDoubtful: isDoubtful(label),
      lost: null,
    };
    ofLabel.set(label, cell);
  }
  return cell;
}

/** True for a box that nobody stands for and that the points do not bear out. */
export function isDoubtful(label: Label): boolean {
  if (isByHand(label)) return false;
  const status = label.track?.status ?? 'keyframe';
  return isUnsure(label) || (status !== 'keyframe' && status !== 'measured');
}

function lostCell(lost: string): TimelineCell {
  let cell = ofReason.get(lost);
  if (cell === undefined) {
    const status = lost === ABSENT ? ('absent' as const) : ('lost' as const);
    cell = {
      status,
      score: null,
      isAccepted: false,
      isLocked: false,
      isDoubtful: status === 'lost' && lost !== LEFT_RANGE,
      lost,
    };
    ofReason.set(lost, cell);
  }
  return cell;
}

const LOST_WORDS: Readonly<Record<string, string>> = {
  no_points: 'lost: nothing is there',
  occluded: 'lost: hidden for too long',
  jumped: 'lost: what was found lies too far away',
  left_range: 'out of range',
  absent: 'absent',
};

/** `measured, 0.83`, `lost: nothing is there`. */
export function cellText({ status, score, lost, isAccepted, isLocked }: TimelineCell): string {
  if (lost !== null) return LOST_WORDS[lost] ?? `lost: ${lost.replaceAll('_', ' ')}`;
  const parts: string[] = [status];
  if (score !== null && status !== 'keyframe') parts.push(score.toFixed(2));
  if (isAccepted) parts.push('accepted');
  if (isLocked) parts.push('locked');
  return parts.join(', ');
}
