/** The points of a cloud, without a screen: payloads, levels of detail, picking. */
export {
  COLOURS_MEDIA_TYPE,
  decodeNodeColours,
  encodeNodeColours,
  type NodeColours,
} from './colour-format.ts';
export { COLOUR_MODES, type ColourMode, colourTable, valueRange } from './colour-map.ts';
export { cropPoints } from './crop-points.ts';
export { chooseNodes, type LodCamera, type LodOptions } from './lod.ts';
export { decodeNodePayload, encodeNodePayload, NODE_MEDIA_TYPE, type NodePayload } from './node-format.ts';
export { type ListedNodes, NodeTree, type TreeNode } from './node-tree.ts';
export { type PointList, pointList } from './point-list.ts';
export { PointPace } from './point-pace.ts';
export { inRing, simplified } from './ring.ts';
export { collect, type LoadedNode, lassoed, pick, projectPoint, type ScreenProjection } from './scan.ts';
