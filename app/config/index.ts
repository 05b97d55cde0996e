/** The door of `app/config/`. */
export { ConfigError, environmentName, parseServeConfig, SERVE_OPTIONS, type ServeConfig } from './config.ts';
export { openOntology } from './ontology-file.ts';
