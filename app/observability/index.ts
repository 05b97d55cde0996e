/** The door of `app/observability/`. */
export type { StorageCall } from '../../cache/index.ts';
export { createLog, LOG_LEVELS, type Log, type LogLevel, silentLog } from './log.ts';
