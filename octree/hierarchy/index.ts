/** The door of `octree/hierarchy/`. */
export {
  type HierarchyPage,
  isComplete,
  isSound,
  type OnDamage,
  OWN_PAGE,
  pageBytes,
} from './hierarchy-page.ts';
export {
  FREE_EXPANSION_BYTES,
  MAX_EXPANSION,
  MAX_NODE_BYTES,
  MAX_NODE_POINTS,
  MAX_PAGE_BYTES,
  MAX_PAGE_NODES,
  nodeSizeProblem,
  RECORDS_PER_STEP,
  type StoredNodeSize,
} from './node-limits.ts';
export { PagePlaces } from './page-places.ts';
export type { RangedPage } from './ranged-page.ts';
