/** What is shown: the menu *View*, and the filter of boxes. */
export { displayPanel } from './display-panel.ts';
