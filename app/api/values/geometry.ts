/**
 * Boxes, poses and classes as they are written in requests and answers: metres, radians, +z up, the cloud's
 * own coordinates.
 */
import { z } from 'zod';
import { OBJECT_CLASSES } from '../../../inference/classes/index.ts';

/** Far beyond any map, and small enough that squares of differences stay exact enough to compare. */
const COORDINATE_LIMIT_METRES = 1e9;
const MAX_OBJECT_METRES = 1000;
const MAX_REGION_METRES = 1e6;

export const lengthSchema = z.number().positive();
export const coordinateSchema = z.number().min(-COORDINATE_LIMIT_METRES).max(COORDINATE_LIMIT_METRES);

export const positionSchema = z
  .tuple([coordinateSchema, coordinateSchema, coordinateSchema])
  .meta({ id: 'Position', description: 'x, y, z in metres' });

const objectSide = lengthSchema.max(MAX_OBJECT_METRES);
export const sizeSchema = z
  .tuple([objectSide, objectSide, objectSide])
  .meta({ id: 'Size', description: 'length, width, height in metres' });

/** A cuboid as a region may be much larger than an object. */
const regionSide = lengthSchema.max(MAX_REGION_METRES);
export const extentSchema = z
  .tuple([regionSide, regionSide, regionSide])
  .meta({ id: 'Extent', description: 'length, width, height of a region in metres' });
export const radiusSchema = lengthSchema.max(MAX_REGION_METRES);

export const boxSchema = z
  .strictObject({
    center: positionSchema.describe('the geometric centre'),
    size: sizeSchema,
    yaw: z.number().describe('turns +x to the heading, counter-clockwise about +z; answered in (-pi, pi]'),
  })
  .meta({ id: 'Box', description: 'An upright box; its length lies along its heading' });

export const quaternionSchema = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .meta({ id: 'Quaternion', description: 'x, y, z, w' });

export const poseSchema = z
  .strictObject({
    position: positionSchema,
    rotation: quaternionSchema.refine(
      (rotation) => Math.abs(Math.hypot(...rotation) - 1) <= 0.01,
      'must be a unit quaternion: x, y, z, w',
    ),
  })
  .meta({ id: 'Pose', description: 'Takes the coordinates of a frame to one world common to all frames' });

export const timestampSchema = z
  .number()
  .min(-1e12)
  .max(1e12)
  .meta({ id: 'Timestamp', description: 'Seconds, of any clock that all frames share' });

export const objectClassSchema = z.enum(OBJECT_CLASSES).meta({ id: 'ObjectClass' });

export const boundsSchema = z
  .object({ min: positionSchema, max: positionSchema })
  .meta({ id: 'Bounds', description: 'An axis-aligned box' });
