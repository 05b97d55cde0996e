/** A request for tracks over clouds, and its validation. */
import { type FieldError, NearboxError } from '../../cache/index.ts';
import type { Pose } from '../boxes/index.ts';
import type { ProfileFile } from '../profiles/index.ts';
import type { TrackedObject, TrackTask } from './sequence.ts';

/** A frame of a request. */
export interface TrackFrame {
  readonly cloud: string;
  /** Seconds. Default: the time in the cloud's metadata. */
  readonly timestamp?: number | undefined;
  /** Transforms the frame's coordinates to the common world. Default: the pose in the cloud's metadata. */
  readonly pose?: Pose | undefined;
}

export interface TrackQuestion extends Omit<TrackTask, 'frames'> {
  readonly frames: readonly TrackFrame[];
  /** A pinned model version, or null. */
  readonly model: string | null;
  /** A label profile, or the name of one; null: boxes as the network draws them. */
  readonly profile: string | ProfileFile | null;
  /** Aborts when the caller does not need the answer any more. */
  readonly signal: AbortSignal;
  /**
   * On the clock of `performance.now()`, milliseconds. Frames that are not reached by then get a line with
   * `deadline_exceeded`.
   */
  readonly deadline: number;
}

/** Most mistakes in one error. */
const MOST_MISTAKES = 32;

/** @throws NearboxError `invalid_request` with the path of every mistake */
export function requireSound(question: Pick<TrackQuestion, 'frames' | 'objects' | 'range'>): void {
  const mistakes = [
    ...frameMistakes(question),
    ...rangeMistakes(question),
    ...question.objects.flatMap((object, k) =>
      objectMistakes(object, `objects[${k}].`, question.frames.length),
    ),
  ];
  if (mistakes.length > 0) throw invalid(mistakes.slice(0, MOST_MISTAKES));
}

export function invalid(fields: readonly FieldError[]): NearboxError {
  const text = fields.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new NearboxError('invalid_request', text, { fields: [...fields] });
}

function frameMistakes({ frames }: Pick<TrackQuestion, 'frames'>): FieldError[] {
  const found: FieldError[] = [];
  for (const key of ['pose', 'timestamp'] as const) {
    const given = frames.filter((frame) => frame[key] !== undefined).length;
    if (given === 0 || given === frames.length) continue;
    for (const [k, frame] of frames.entries())
      if (frame[key] === undefined)
        found.push({ path: `frames[${k}].${key}`, message: `is missing: all frames have a ${key}, or none` });
  }
  for (const [k, { timestamp }] of frames.entries()) {
    const before = frames[k - 1]?.timestamp;
    if (timestamp !== undefined && before !== undefined && !(timestamp > before))
      found.push({
        path: `frames[${k}].timestamp`,
        message: `timestamps must increase, but ${timestamp} follows ${before}`,
      });
  }
  return found;
}

function rangeMistakes({ range, frames }: Pick<TrackQuestion, 'frames' | 'range'>): FieldError[] {
  const found = range.flatMap((frame, k) => unknownFrame(frame, `range[${k}]`, frames.length));
  if (range[0] > range[1])
    found.push({ path: 'range', message: 'the first frame must not come after the last one' });
  return found;
}

function objectMistakes(
  { keyframes, locked, absent }: TrackedObject,
  at: string,
  frames: number,
): FieldError[] {
  const drawn = new Set<number>();
  const found: FieldError[] = [];
  for (const [k, { frame }] of keyframes.entries()) {
    const path = `${at}keyframes[${k}].frame`;
    found.push(...unknownFrame(frame, path, frames));
    if (drawn.has(frame)) found.push({ path, message: `frame ${frame} has a keyframe already` });
    drawn.add(frame);
  }
  found.push(...locked.flatMap((frame, k) => unknownFrame(frame, `${at}locked[${k}]`, frames)));
  for (const [k, frame] of absent.entries()) {
    const path = `${at}absent[${k}]`;
    found.push(...unknownFrame(frame, path, frames));
    if (drawn.has(frame)) found.push({ path, message: `frame ${frame} has a keyframe` });
  }
  return found;
}

function unknownFrame(frame: number, path: string, frames: number): FieldError[] {
  if (Number.isInteger(frame) && frame >= 0 && frame < frames) return [];
  return [{ path, message: `there is no frame ${frame}: the frames are 0 to ${frames - 1}` }];
}
