/** The door of `app/http/routes/profiles/`. */
export { profileRoutes } from './profiles.ts';
