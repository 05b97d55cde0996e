/** The door of `octree/formats/ept/`. */
export { eptFormat } from './ept-format.ts';
export {
  EPT_DATA_EXTENSION,
  type EptJson,
  type EptMetadata,
  eptHierarchyPath,
  parseEptMetadata,
  pointStride,
} from './schema.ts';
