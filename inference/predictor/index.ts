/** From a question about a cloud to its box: the types of both, and the predictor. */
export type { Prediction } from './prediction.ts';
export { Predictor, type PredictorOptions } from './predictor.ts';
export { foresee } from './previous-boxes.ts';
export {
  DEFAULT_QUESTION,
  type PredictionStage,
  type PreviousBox,
  type Question,
} from './question.ts';
