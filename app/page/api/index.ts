/** Calls of the server. */
export { ApiClient, cloudPath } from './client.ts';
export { Reachability } from './reachability.ts';
export {
  ApiError,
  type CloudSummary,
  type LabelsBox,
  type LabelsDocument,
  type LabelsEntry,
  type PredictionAnswer,
  type PredictionRequest,
  type WireRegion,
} from './types.ts';
