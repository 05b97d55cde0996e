/** Boxes of another version of their cloud: said wherever they are shown. */
export { otherVersionsNote } from './other-versions-note.ts';
export { versionWarning } from './version-warning.ts';
