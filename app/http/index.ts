/** The door of `app/http/`. */
export { problemResponse, toNearboxError } from './answers/index.ts';
export { type AppOptions, appRoutes, createApp } from './create-app.ts';
export { createHttpServer } from './http-server.ts';
export { Metrics, type ServiceStats } from './metrics/index.ts';
export { fieldErrors, parseWith } from './requests/index.ts';
export type { LoopOptions } from './routes/index.ts';
export { nodePayload, pageRoutes, pointsRoutes } from './routes/page/index.ts';
export { planAnswer } from './routes/plans/index.ts';
export { predictionAnswer, toQuestion } from './routes/predictions/index.ts';
export { Prefetcher } from './routes/prefetch/index.ts';
