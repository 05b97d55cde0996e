/** The list of what is unlikely to be right. */
export { checksPanel } from './checks-panel.ts';
