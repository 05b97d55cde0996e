/** The log of a shard: its lines are written by the main thread, in the main thread's log. */
import { LOG_LEVELS, type Log, type LogLevel } from '../observability/index.ts';
import type { ShardReply } from './calls/index.ts';

export function shardLog(send: (reply: ShardReply) => void): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      send({ type: 'log', level, message, fields: JSON.parse(JSON.stringify(fields, readable)) });
  return Object.fromEntries(LOG_LEVELS.map((level) => [level, at(level)])) as unknown as Log;
}

/** Errors have no enumerable fields, and do not survive structured cloning with their class. */
function readable(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}
