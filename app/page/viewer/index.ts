/** What is looked at: three.js, and the overlays. */
export type { GestureTarget } from './gestures.ts';
export { boundsOf, type CloudLayer, isPassing, type OpenCloud } from './points/index.ts';
export { ViewerScene } from './scene.ts';
export type { MainView, View } from './views/index.ts';
