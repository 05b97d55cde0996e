/** Cameras on parts of the page. */
export { MainView } from './main-view.ts';
export { SIDE_AXES, SideView } from './side-view.ts';
export { View, type ViewName } from './view.ts';
