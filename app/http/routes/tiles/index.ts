/** The door of `app/http/routes/tiles/`. */
export { type LoopOptions, tileRoutes } from './tiles.ts';
