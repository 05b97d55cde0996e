/** The door of `app/http/routes/clouds/`. */
export { cloudRoutes } from './clouds.ts';
