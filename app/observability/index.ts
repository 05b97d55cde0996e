/** The door of `app/observability/`. */
export { createLog, LOG_LEVELS, type Log, silentLog } from './log.ts';
export { ObservedSource, type StorageCall } from './observed-source.ts';
