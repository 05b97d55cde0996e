/** Structured logs: one JSON object a line, on stderr so that stdout stays the command's own. */

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log that writes lines with `write`; `now` is the clock, in milliseconds since 1970. */
export function createLog(write: (line: string) => void, now: () => number = Date.now): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(
        `${JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }, readable)}\n`,
      );
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** Errors have no enumerable fields: written with their stack and cause. */
function readable(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause };
}

/** A log that keeps nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
