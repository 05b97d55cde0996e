/** The door of `app/server/`. */
export { type RunningServer, startServer } from './server.ts';
