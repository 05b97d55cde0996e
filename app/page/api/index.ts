/** Calls of the server. */
export { ApiClient, cloudPath } from './client.ts';
export { Reachability } from './reachability.ts';
export {
  ApiError,
  type CloudSummary,
  type LabelsBox,
  type LabelsEntry,
  type PageAnswer,
  type PageLabels,
  type PageQuestion,
  type WireRegion,
} from './types.ts';
