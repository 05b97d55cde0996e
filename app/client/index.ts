/** What the annotation page shares with the client. */
export { jsonLines } from './json-lines.ts';
