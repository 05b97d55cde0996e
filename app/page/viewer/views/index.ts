/** Cameras on parts of the page. */
export { MainView } from './main-view.ts';
export { SideView } from './side-view.ts';
export { View, type ViewName } from './view.ts';
