/**
 * The one error taxonomy. Every layer throws these; `app/problem.ts` alone maps them to HTTP and the command
 * line to exit codes. The codes are public: CONTRACT and docs/errors.md list them.
 */
export const ERROR_CODES = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'cloud_not_found',
  'version_gone',
  'method_not_allowed',
  'cloud_changed',
  'precondition_failed',
  'body_too_large',
  'region_too_large',
  'uri_too_long',
  'unsupported_media_type',
  'range_not_satisfiable',
  'region_empty',
  'precondition_required',
  'too_many_requests',
  'headers_too_large',
  'internal',
  'not_implemented',
  'corrupt_tile',
  'source_unavailable',
  'overloaded',
  'deadline_exceeded',
  'loop_detected',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One thing wrong with a request body or query: the JSON path of it, and what is wrong. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface NearboxErrorOptions {
  readonly cause?: unknown;
  /** For `invalid_request`: which fields, and what is wrong with each. */
  readonly fields?: readonly FieldError[];
  /** For `overloaded` and `too_many_requests`: when to try again, in seconds. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure: a stable `code` and a message that names what is wrong and where. */
export class NearboxError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: NearboxErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NearboxError';
    this.code = code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True for a NearboxError, of the given code if one is named. */
export function isNearboxError(error: unknown, code?: ErrorCode): error is NearboxError {
  return error instanceof NearboxError && (code === undefined || error.code === code);
}
