/** The door of `app/http/`. */
export { answerSchema, cloudPageSchema, cloudSchema, planAnswerSchema } from './answer-schemas.ts';
export type { AppType, Problem, RpcSchema } from './app-type.ts';
export { fieldErrors, parseWith } from './body.ts';
export { appRoutes, createApp } from './create-app.ts';
export { Metrics } from './metrics.ts';
export { nodePayload } from './node-payload.ts';
export { pageRoutes } from './page.ts';
export { type PlanAnswer, planAnswer } from './plan-answer.ts';
export { pointsRoutes } from './points.ts';
export { predictionAnswer, toQuestion } from './prediction.ts';
export { Prefetcher } from './prefetcher.ts';
export { problemBody, problemResponse, toNearboxError } from './problem.ts';
export { requestIdOf } from './request-scope.ts';
export type { LoopOptions } from './routes/index.ts';
export { planSchema, predictionSchema, regionSchema } from './schemas.ts';
