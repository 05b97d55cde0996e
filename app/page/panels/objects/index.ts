/** The boxes of the open frame: the list, the selected one, and what a screen reader says of it. */
export { announcer } from './announcer.ts';
export { inspector } from './inspector.ts';
export { objectsPanel } from './objects-panel.ts';
