/** The door of `octree/formats/copc/`. */
export { COPC_EXTENSION, copcFormat } from './copc-format.ts';
export { parseCopcHead } from './header.ts';
export { parseCopcPage } from './hierarchy.ts';
export { readOwnRecord } from './own-record.ts';
