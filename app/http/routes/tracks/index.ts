/** The door of `app/http/routes/tracks/`. */
export { trackRoutes } from './tracks.ts';
