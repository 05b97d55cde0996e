/** The door of `app/api/values/`. */
export { cloudIdSchema } from './cloud-id.ts';
export {
  boundsSchema,
  boxSchema,
  lengthSchema,
  objectClassSchema,
  poseSchema,
  positionSchema,
  quaternionSchema,
  sizeSchema,
  timestampSchema,
} from './geometry.ts';
export { EXAMPLE_CLICK, type RegionInput, regionSchema } from './region.ts';
