/**
 * The door of `api/`: the shapes of every request and answer, for the server, the page, the client and the
 * command line.
 */
export type { AppType, RpcSchema } from './app-type.ts';
export {
  CAMERA_NAME,
  type CamerasAnswer,
  cameraFileSchema,
  camerasAnswerSchema,
} from './cameras.ts';
export {
  type CloudDescription,
  type CloudPageAnswer,
  cloudInfoSchema,
  cloudListQuerySchema,
  cloudPageSchema,
  cloudSchema,
  cropQuerySchema,
  cropSchema,
  type ListedCloudAnswer,
  nodeListingSchema,
  type PlanAnswer,
  type PlanRequest,
  planAnswerSchema,
  planSchema,
  prefetchAnswerSchema,
  prefetchSchema,
} from './clouds.ts';
export { type FeedbackItem, feedbackAnswerSchema, feedbackSchema } from './feedback.ts';
export {
  type LabelsPage,
  labelsListQuerySchema,
  labelsPageSchema,
  labelsSchema,
  storedLabelsSchema,
} from './labels.ts';
export {
  batchAnswerSchema,
  batchSchema,
  boxAnswerSchema,
  formatQuerySchema,
  openLabelSchema,
  type PredictionAnswer,
  type PredictionBatchItem,
  type PredictionBody,
  type PredictionRequest,
  predictionAnswerSchema,
  predictionQuerySchema,
  predictionSchema,
} from './predictions.ts';
export { type Problem, problemSchema } from './problem.ts';
export {
  type ProfileAnswer,
  type ProfileRequest,
  profileAnswerSchema,
  profileRequestSchema,
} from './profiles.ts';
export {
  superviselyClickSchema,
  superviselyCloudSchema,
  superviselyCuboidSchema,
  superviselyWarmedSchema,
} from './supervisely.ts';
export { tileUrlAnswerSchema, tileUrlSchema } from './tile-urls.ts';
export {
  type TrackLineBody,
  type TrackQuestionBody,
  type TrackRequestBody,
  trackLineSchema,
  trackSchema,
} from './tracks.ts';
export {
  EXAMPLE_CLICK,
  type RegionInput,
  regionSchema,
} from './values/index.ts';
