/** The images of cameras. */
export { camerasPanel } from './cameras-panel.ts';
