/** Turns errors into HTTP: RFC 9457 problem documents with the codes of the contract. */
import { STATUS_CODES } from 'node:http';
import { type ErrorCode, NearboxError } from '../../../cache/index.ts';

/** The HTTP status of every error code. */
export const ERROR_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  cloud_not_found: 404,
  version_gone: 404,
  method_not_allowed: 405,
  cloud_changed: 409,
  precondition_failed: 412,
  body_too_large: 413,
  region_too_large: 413,
  uri_too_long: 414,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  region_empty: 422,
  precondition_required: 428,
  too_many_requests: 429,
  headers_too_large: 431,
  internal: 500,
  not_implemented: 501,
  corrupt_tile: 502,
  source_unavailable: 502,
  overloaded: 503,
  deadline_exceeded: 504,
  loop_detected: 508,
};

const DEFAULT_RETRY_AFTER_SECONDS = 1;

/** Additional headers, such as `Allow`. */
export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error with additional headers for its response. */
export class HeadedError extends Error {
  readonly error: NearboxError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: NearboxError, headers: Readonly<Record<string, string>>) {
    super(error.message, { cause: error });
    this.name = 'HeadedError';
    this.error = error;
    this.headers = headers;
  }
}

/**
 * Converts any thrown value to a NearboxError. An error of another kind is a bug: it becomes `internal`, and
 * its text stays out of the response.
 */
export function toNearboxError(error: unknown): NearboxError {
  if (error instanceof NearboxError) return error;
  return new NearboxError('internal', 'unexpected error; the log has the details under this request id', {
    cause: error,
  });
}

/** The response to a request that failed. Never cacheable. */
export function problemResponse(
  error: NearboxError,
  requestId: string,
  options: ProblemOptions = {},
): Response {
  const status = ERROR_STATUS[error.code];
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...options.headers,
  });
  if (status === 429 || status === 503)
    headers.set('retry-after', String(Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS)));
  return new Response(JSON.stringify(problemBody(error, requestId)), { status, headers });
}

/** The problem document itself. */
export function problemBody(error: NearboxError, requestId: string) {
  const status = ERROR_STATUS[error.code];
  return {
    type: `urn:nearbox:error:${error.code}`,
    title: STATUS_CODES[status] ?? error.code,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
  };
}
