/** The header of PLY files, also for the page. */
export { type PlyElement, type PlyHeader, type PlyProperty, parsePlyHeader } from './parse-header.ts';
