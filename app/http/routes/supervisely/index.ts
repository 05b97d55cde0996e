/** The door of `app/http/routes/supervisely/`. */
export { superviselyRoutes } from './supervisely.ts';
