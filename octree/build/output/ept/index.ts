/** The door of `octree/build/output/ept/`. */
export { EptWriter } from './ept-writer.ts';
