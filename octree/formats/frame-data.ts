/** What is known of the frame that a cloud is: our own key `"nearbox"` in its metadata. */
import { z } from 'zod';
import type { Vec3 } from '../geometry/index.ts';

/** When a frame was taken, and from where. */
export interface FrameData {
  /**
   * A rigid motion that takes the cloud's coordinates to the sequence's common world; `rotation` is a
   * quaternion x, y, z, w.
   */
  readonly pose: {
    readonly position: Vec3;
    readonly rotation: readonly [number, number, number, number];
  } | null;
  /** Seconds. */
  readonly timestamp: number | null;
}

export const NO_FRAME_DATA: FrameData = { pose: null, timestamp: null };

const finite = z.number();
const sensorSchema = z.tuple([finite, finite, finite]);
const poseSchema = z.looseObject({
  position: z.tuple([finite, finite, finite]),
  rotation: z
    .tuple([finite, finite, finite, finite])
    .refine((rotation) => Math.hypot(...rotation) > 0, 'a quaternion of length 0 is not a rotation'),
});
const ourKey = z.looseObject({ nearbox: z.looseObject({}) });

/**
 * Reads `nearbox: { sensor?, pose?, timestamp? }` of a metadata document. Each is read by itself: one that
 * does not fit is taken for missing, since another program may use the name.
 */
export function readFrameData(document: unknown): {
  readonly sensor: Vec3 | null;
  readonly frame: FrameData;
} {
  const parsed = ourKey.safeParse(document);
  const { sensor, pose, timestamp }: Record<string, unknown> = parsed.success ? parsed.data.nearbox : {};
  const where = sensorSchema.safeParse(sensor);
  const motion = poseSchema.safeParse(pose);
  const when = finite.safeParse(timestamp);
  return {
    sensor: where.success ? where.data : null,
    frame: {
      pose: motion.success ? { position: motion.data.position, rotation: motion.data.rotation } : null,
      timestamp: when.success ? when.data : null,
    },
  };
}
