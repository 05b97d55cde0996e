/**
 * Errors on their way between threads: structured cloning keeps neither the class nor the fields of an error.
 */
import { ERROR_CODES, type ErrorCode, type FieldError, NearboxError } from '../foundation/index.ts';

/** An error as plain data. */
export interface SentError {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly stack: string | null;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | null;
  /** The text of its cause, for the log. */
  readonly cause: string | null;
}

/** WebAssembly throws numbers and strings as well; those have no message worth showing. */
export function toSentError(error: unknown): SentError {
  if (!(error instanceof Error))
    return {
      code: null,
      message: `thrown: ${String(error)}`,
      stack: null,
      fields: [],
      retryAfterSeconds: null,
      cause: null,
    };
  const { code, fields, retryAfterSeconds } = error as Partial<NearboxError>;
  const { cause } = error;
  return {
    code: ERROR_CODES.find((known) => known === code) ?? null,
    message: error.message,
    stack: error.stack ?? null,
    fields: fields ?? [],
    retryAfterSeconds: retryAfterSeconds ?? null,
    cause:
      cause === undefined ? null : cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
  };
}

/** A NearboxError keeps its code and details; any other error is unexpected and becomes `internal`. */
export function fromSentError({
  code,
  message,
  stack,
  fields,
  retryAfterSeconds,
  cause: why,
}: SentError): NearboxError {
  const cause = new Error(message, why === null ? undefined : { cause: why });
  if (stack !== null) cause.stack = stack;
  return new NearboxError(code ?? 'internal', message, {
    cause,
    fields,
    ...(retryAfterSeconds !== null && { retryAfterSeconds }),
  });
}
