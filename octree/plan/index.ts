/** The door of `octree/plan/`. */
export { type FoundNode, findNode, listBelow, type NodeListing } from './find-node.ts';
export { type PageLink, type Plan, planNodes } from './plan.ts';
export type { PlannedNode } from './planned-node.ts';
export { type ReadPlan, type ReadPlanNode, readPlan, type StoredStretch } from './read-plan.ts';
