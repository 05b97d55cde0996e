/** The door of `app/http/routes/documents/`. */
export { documentRoutes } from './documents.ts';
