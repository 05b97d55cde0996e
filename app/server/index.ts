/** The door of `app/server/`. */
export { type RunningServer, startServer } from './server.ts';
export { DEMO_CLOUDS, openServices, type Services } from './services.ts';
