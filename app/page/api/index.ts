/** Calls of the server. */
export { ApiClient } from './client.ts';
export { Reachability } from './reachability.ts';
export {
  ApiError,
  type CloudSummary,
  type LabelsBox,
  type PageAnswer,
  type PageLabels,
  type PageQuestion,
  type WireRegion,
} from './types.ts';
