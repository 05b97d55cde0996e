/** The door of `octree/points/`. */
export type { Channel, NumberArray } from './channel.ts';
export {
  type AllocatePoints,
  type AxisArray,
  type DecodedNode,
  decodedBuffers,
  decodedBytes,
} from './decoded-node.ts';
export {
  BYTE_COLOUR_SCALE,
  DIMENSIONS,
  type Dimension,
  type Dimensions,
  dimensionsName,
  valuesPerPoint,
} from './dimensions.ts';
export type { DimensionFields, RecordField, RecordLayout } from './record-layout.ts';
export { boundsOfExtents, type Extent, tightBounds } from './tight-bounds.ts';
