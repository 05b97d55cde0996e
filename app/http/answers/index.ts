/** The door of `app/http/answers/`. */
export { bytesAnswer } from './bytes-answer.ts';
export { asPrivate, IMMUTABLE, SHORT_LIVED } from './caching.ts';
export { isNoneMatch } from './etag.ts';
export { pieceStream } from './piece-stream.ts';
export { ERROR_STATUS, HeadedError, problemBody, problemResponse, toNearboxError } from './problem.ts';
