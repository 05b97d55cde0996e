/** The door of `app/http/middleware/`. */
export { type AnswerOptions, answer, requireReady } from './answer.ts';
export { corsHeaders } from './cors.ts';
