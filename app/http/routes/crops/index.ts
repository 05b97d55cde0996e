/** The door of `app/http/routes/crops/`. */
export { cropRoutes } from './crops.ts';
