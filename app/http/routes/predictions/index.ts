/** The door of `app/http/routes/predictions/`. */

export { batchRoutes } from './batch.ts';
export { cachedPredictionRoutes } from './cached-predictions.ts';
export { modelFor, predictionAnswer, toQuestion } from './prediction-answer.ts';
export { PREDICTION_COST, predictionRoutes } from './predictions.ts';
