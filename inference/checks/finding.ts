/** What a check is asked about, and what it finds. */
import type { Box, Pose } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { BoxEvidence } from './evidence.ts';

export interface CheckedObject {
  /** Equal in all frames that show the object; null: unknown. */
  readonly id: string | null;
  readonly class: ObjectClass;
  /** In the frame's own coordinates; metres, radians. */
  readonly box: Box;
  /** What the points say; null: they were not looked at. */
  readonly evidence: BoxEvidence | null;
}

/** Frames of one sequence come in the order of time. */
export interface CheckedFrame {
  readonly id: string;
  /** Ids are compared within a sequence. */
  readonly sequence: string;
  /** Seconds; null: unknown, frames are then 0.1 s apart. */
  readonly timestamp: number | null;
  readonly pose: Pose | null;
  readonly objects: readonly CheckedObject[];
}

type FindingKind =
  | 'overlap'
  | 'floating'
  | 'sunk'
  | 'empty'
  | 'points_outside'
  | 'size_of_class'
  | 'size_of_track'
  | 'speed_jump'
  | 'heading_jump'
  | 'class_changes';

export interface BoxFinding {
  readonly kind: FindingKind;
  readonly frame: string;
  /** The object's id, and its place among the objects of the frame. */
  readonly id: string | null;
  readonly index: number;
  /** What was measured, in the unit that `findingText` names. */
  readonly value: number;
  /** The other object of an overlap; the other class of a track that changes it. */
  readonly other?: string;
}

/** A finding in words, without its frame and object. */
export function findingText({ kind, value, other }: BoxFinding): string {
  const metres = `${Math.abs(value).toFixed(2)} m`;
  switch (kind) {
    case 'overlap':
      return `overlaps ${other} by ${Math.round(value * 100)} % of the smaller box`;
    case 'floating':
      return `floats ${metres} over the ground`;
    case 'sunk':
      return `is sunk ${metres} into the ground`;
    case 'empty':
      return 'has no points';
    case 'points_outside':
      return `${Math.round(value * 100)} % of its points are outside`;
    case 'size_of_class':
      return `a side of ${metres} is unusual for its class`;
    case 'size_of_track':
      return `a side differs by ${metres} from the rest of its track`;
    case 'speed_jump':
      return `is ${metres} off the way from the frame before to the next`;
    case 'heading_jump':
      return `turns by ${Math.round((Math.abs(value) * 180) / Math.PI)} degrees from the frame before`;
    case 'class_changes':
      return `is a ${other} in other frames`;
  }
}
