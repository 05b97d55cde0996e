/** Cameras of a cloud: their calibration, as `cameras.json` has it and as the route answers. */
import { z } from 'zod';
import { poseSchema } from './values/index.ts';

const MOST_CAMERAS = 32;
const LONGEST_PATH = 512;
/** Numbers beyond this are no calibration. */
const MOST_MAGNITUDE = 1e6;

const pixelsSchema = z.number().min(-MOST_MAGNITUDE).max(MOST_MAGNITUDE);
const lengthsSchema = z.number().gt(0).max(MOST_MAGNITUDE);

export const CAMERA_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/;

const cameraSchema = z
  .strictObject({
    name: z.string().regex(CAMERA_NAME, 'up to 64 letters, digits, `_`, `-` and `.`'),
    size: z
      .tuple([z.int().min(1).max(100_000), z.int().min(1).max(100_000)])
      .optional()
      .describe('width and height that the calibration is about, pixels; left out: those of the image'),
    focal: z.tuple([lengthsSchema, lengthsSchema]).describe('focal lengths along x and y, pixels'),
    centre: z.tuple([pixelsSchema, pixelsSchema]).describe('the principal point, pixels from the top left'),
    distortion: z
      .array(z.number().min(-MOST_MAGNITUDE).max(MOST_MAGNITUDE))
      .min(4)
      .max(5)
      .optional()
      .describe('k1, k2, p1, p2 and k3 (Brown, the order of OpenCV); left out: none'),
    rectification: z
      .array(z.number().min(-1.01).max(1.01))
      .length(9)
      .refine(isRotation, 'must be a rotation, row by row')
      .optional()
      .describe('a rotation, row by row, from camera coordinates to those of the rectified image'),
    pose: poseSchema.describe(
      'takes camera coordinates (x to the right, y down, z ahead) to those of the cloud',
    ),
  })
  .meta({ id: 'Camera' });

const distinctNames = {
  check: (cameras: readonly { readonly name: string }[]) =>
    new Set(cameras.map(({ name }) => name)).size === cameras.length,
  message: 'two cameras have one name',
};

/** What `cameras.json` holds. */
export const cameraFileSchema = z.object({
  version: z.literal(1),
  cameras: z
    .array(cameraSchema.extend({ image: z.string().min(1).max(LONGEST_PATH) }))
    .max(MOST_CAMERAS)
    .refine(distinctNames.check, distinctNames.message),
});

export const camerasAnswerSchema = z
  .object({ cloud: z.string(), cameras: z.array(cameraSchema).max(MOST_CAMERAS) })
  .meta({ id: 'Cameras' });

export type CamerasAnswer = z.infer<typeof camerasAnswerSchema>;

/** Rows of length one, at right angles, and no mirror. */
function isRotation(m: readonly number[]): boolean {
  const [a, b, c] = [m.slice(0, 3), m.slice(3, 6), m.slice(6, 9)] as [number[], number[], number[]];
  const dot = (p: number[], q: number[]) => p[0]! * q[0]! + p[1]! * q[1]! + p[2]! * q[2]!;
  const cross = [b[1]! * c[2]! - b[2]! * c[1]!, b[2]! * c[0]! - b[0]! * c[2]!, b[0]! * c[1]! - b[1]! * c[0]!];
  const isUnit = [a, b, c].every((row) => Math.abs(dot(row, row) - 1) < 0.02);
  return isUnit && Math.abs(dot(a, b)) < 0.02 && Math.abs(dot(a, cross) - 1) < 0.05;
}
