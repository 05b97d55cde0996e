/** The door of `app/http/routes/page/`. */

export { annotationRoutes } from './annotation-page.ts';
export { nodePayload } from './node-payload.ts';
export { type PageRoute, pageRoutes } from './page-assets.ts';
export { pointsRoutes } from './points.ts';
