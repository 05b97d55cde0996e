/** Where the frames of a sequence are in the world: by the clouds' metadata, or by what the labels say. */
import type { Pose } from '../../../inference/boxes/index.ts';
import type { FramePlace } from '../api/index.ts';
import { type FrameLabels, isRecord } from '../model/index.ts';

/** The pose of a frame; null if neither its cloud nor its labels know it. */
export function poseOfFrame(place: FramePlace | null, labels: FrameLabels | undefined): Pose | null {
  if (place?.pose != null) return place.pose;
  const { frame, imported } = labels?.kept ?? {};
  const raw = isRecord(imported) ? imported.raw : undefined;
  return readPose(isRecord(frame) ? frame.pose : undefined) ?? readPose(isRecord(raw) ? raw.pose : undefined);
}

function readPose(value: unknown): Pose | null {
  if (!isRecord(value)) return null;
  const { position, rotation } = value;
  const isGood = (list: unknown, length: number): list is number[] =>
    Array.isArray(list) && list.length === length && list.every(Number.isFinite);
  if (!isGood(position, 3) || !isGood(rotation, 4) || Math.hypot(...rotation) < 0.5) return null;
  return { position, rotation } as unknown as Pose;
}
