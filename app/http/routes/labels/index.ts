/** The door of `app/http/routes/labels/`. */
export { labelsRoutes } from './labels.ts';
