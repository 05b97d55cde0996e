/**
 * The door of `bench/speed/designs/`: nearbox and the designs of 2020, and the clicks that all of them get.
 */
export { bareNetworkMs, recordPasses } from './bare-network.ts';
export { type ContenderName, type ContenderOptions, type Design, startContender } from './contender.ts';
export { type BenchFrames, benchFrames } from './frames.ts';
export {
  type AnnotatorsOptions,
  type AnnotatorsResult,
  annotators,
  askOnce,
  type ClosedLoopResult,
  closeConnections,
  closedLoop,
  type LoadTarget,
} from './load.ts';
export { startOrigin } from './start-origin.ts';
