/**
 * The door of `api/`: the shapes of every request and answer, for the server, the page, the client and the
 * command line.
 */
export type { AppType, RpcSchema } from './app-type.ts';
export {
  type CloudDescription,
  type CloudForPage,
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
  type LabelsDocument,
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
  costSchema,
  formatQuerySchema,
  openLabelSchema,
  type PredictionAnswer,
  type PredictionBatchItem,
  type PredictionBody,
  type PredictionRequest,
  predictionAnswerSchema,
  predictionQuerySchema,
  predictionSchema,
  timingsSchema,
} from './predictions.ts';
export { type Problem, problemSchema } from './problem.ts';
export {
  type LabelProfile,
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
  MAX_TRACK_BOXES,
  MAX_TRACK_FRAMES,
  MAX_TRACK_OBJECTS,
  type TrackLineBody,
  type TrackQuestionBody,
  type TrackRequestBody,
  trackBoxSchema,
  trackDoneSchema,
  trackHeadSchema,
  trackLineSchema,
  trackLostSchema,
  trackSchema,
} from './tracks.ts';
export {
  boxSchema,
  cloudIdSchema,
  EXAMPLE_CLICK,
  objectClassSchema,
  poseSchema,
  positionSchema,
  type RegionInput,
  regionSchema,
  timestampSchema,
} from './values/index.ts';
