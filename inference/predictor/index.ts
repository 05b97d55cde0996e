/** The door of `inference/predictor/`. */
export {
  type HintRegion,
  type Prediction,
  type PredictionStage,
  Predictor,
  type PredictorOptions,
  type Question,
  UNSAID,
} from './predictor.ts';
