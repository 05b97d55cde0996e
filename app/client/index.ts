/** What the annotation page shares with the client. */
export { cloudHeader, inPath } from './cloud-id.ts';
export { jsonLines } from './json-lines.ts';
