/** The door for errors alone: it pulls in nothing of Node, so that the page in the browser may use it. */
export { ERROR_CODES, type ErrorCode, type FieldError, isNearboxError, NearboxError } from './errors.ts';
