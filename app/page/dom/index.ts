/** Elements of the page. */
export { byId, h, setAttributes, svg } from './elements.ts';
export { closableMenu } from './menu.ts';
export { clickSlop, followPointer, listenForPinch } from './pointer.ts';
export { isDark, lookOf } from './theme.ts';
