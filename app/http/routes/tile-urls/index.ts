/** The door of `app/http/routes/tile-urls/`. */
export { tileUrlRoutes } from './tile-urls.ts';
