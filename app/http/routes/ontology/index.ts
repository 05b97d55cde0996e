/** The door of `app/http/routes/ontology/`. */
export { ontologyRoutes } from './ontology.ts';
