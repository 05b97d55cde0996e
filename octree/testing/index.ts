/** The door of `octree/testing/`. */
export { belongs, listed, sorted } from './brute-force.ts';
export { BIN, SMALL_CLOUDS, storeCloud } from './clouds.ts';
export { makeEptCloud, type TestCloud, type XyzType } from './ept-cloud.ts';
export { fixturePoints, fixtureSteps } from './fixture-points.ts';
export { damaged } from './fuzz-bytes.ts';
export { lazCloud, lazCube, lazNodes } from './laz-cloud.ts';
export { encodeColourLayer } from './laz-colours.ts';
export { referenceRecords } from './laz-perf.ts';
export { page, potree1Cloud, potree1Points } from './potree1-cloud.ts';
export { potree2Cloud } from './potree2-cloud.ts';
export { frustums, grid, near, ORIGIN, regionKinds, regions } from './regions.ts';
export {
  CUBE,
  classOf,
  colourOf,
  type PlainPoint,
  plainPoints,
  SCALE,
  scatterNodes,
} from './scattered-nodes.ts';
export { TideSource, waitsOf } from './tide-source.ts';
