/** The door of `app/http/routes/tracks/`. */
export { TRACK_COST, trackRoutes } from './tracks.ts';
