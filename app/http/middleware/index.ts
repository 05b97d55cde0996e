/** The door of `app/http/middleware/`. */
export { chain } from './chain.ts';
export { corsHeaders } from './cors.ts';
export type { HttpEnvironment, MiddlewareOptions } from './environment.ts';
export { problems, requireReady } from './problems.ts';
