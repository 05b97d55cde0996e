/** Elements of the page. */
export { byId, h, setAttributes, svg } from './elements.ts';
export { isDark, lookOf } from './theme.ts';
