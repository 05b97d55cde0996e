/** The door of `app/http/route/`. */
export { ANSWER_HEADERS, type AnswerHeader, PATH_PARTS, REQUEST_HEADERS } from './parts.ts';
export {
  ClientGone,
  type OpenScope,
  openScope,
  type RequestScope,
  requestIdOf,
  type ScopeLimits,
  timeoutMsOf,
} from './request-scope.ts';
export type { Content, Handler, Operation, OperationAnswer, Route } from './route.ts';
