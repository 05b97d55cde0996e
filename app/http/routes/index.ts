/** The door of `app/http/routes/`. */
export { batchRoutes } from './batch.ts';
export { cachedPredictionRoutes } from './cached-predictions.ts';
export { cloudRoutes } from './clouds.ts';
export { cropRoutes } from './crops.ts';
export { documentRoutes } from './documents.ts';
export { healthRoutes } from './health.ts';
export { metricsRoutes } from './metrics.ts';
export { notBuiltRoutes } from './not-built.ts';
export { annotationRoutes } from './page.ts';
export { planRoutes } from './plans.ts';
export { predictionRoutes } from './predictions.ts';
export { prefetchRoutes } from './prefetch.ts';
export { superviselyRoutes } from './supervisely.ts';
export { tileUrlRoutes } from './tile-urls.ts';
export { type LoopOptions, tileRoutes } from './tiles.ts';
