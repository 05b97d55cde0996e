/** The door of `app/http/routes/`. */
export { type CameraOptions, cameraRoutes } from './cameras/index.ts';
export { cloudRoutes } from './clouds/index.ts';
export { cropRoutes } from './crops/index.ts';
export { documentRoutes } from './documents/index.ts';
export { feedbackRoutes } from './feedback/index.ts';
export { healthRoutes } from './health/index.ts';
export { labelsRoutes } from './labels/index.ts';
export { metricsRoutes } from './metrics/index.ts';
export { ontologyRoutes } from './ontology/index.ts';
export { annotationRoutes } from './page/index.ts';
export { planRoutes } from './plans/index.ts';
export { batchRoutes, cachedPredictionRoutes, predictionRoutes } from './predictions/index.ts';
export { prefetchRoutes } from './prefetch/index.ts';
export { profileRoutes } from './profiles/index.ts';
export { superviselyRoutes } from './supervisely/index.ts';
export { tileUrlRoutes } from './tile-urls/index.ts';
export { type LoopOptions, tileRoutes } from './tiles/index.ts';
export { trackRoutes } from './tracks/index.ts';
