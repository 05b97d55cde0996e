/** The door of `cache/origin/`: the steps between a read and the storage. */
export { neighbours, spanOf } from './coalescing.ts';
export {
  asPipeline,
  OriginPipeline,
  type OriginStats,
  type OriginSteps,
  type StorageCall,
} from './pipeline.ts';
export { TransientFailure } from './retrying.ts';
