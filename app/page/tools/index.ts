/** What keys, buttons and the pointer do. */
export { actionTable } from './action-table.ts';
export { BoxActions } from './box-actions.ts';
export { clickInImage } from './image-tool.ts';
export { PointerTools } from './pointer-tools.ts';
