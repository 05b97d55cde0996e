/** The door of `app/http/route/`. */
export { ANSWER_HEADERS, type AnswerHeader, PATH_PARTS, REQUEST_HEADERS } from './parts.ts';
export {
  type OpenScope,
  openScope,
  type RequestScope,
  requestIdOf,
  type ScopeLimits,
  timeoutMsOf,
} from './request-scope.ts';
export {
  type Content,
  type Handler,
  LARGE_ANSWER_BYTES,
  type Operation,
  type OperationAnswer,
  type Route,
  TAGS,
} from './route.ts';
