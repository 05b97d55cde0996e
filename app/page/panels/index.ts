/** The page around the views. */
export { camerasPanel } from './cameras/index.ts';
export { checksPanel } from './checks/index.ts';
export { displayPanel } from './display/index.ts';
export { filesPanel } from './files.ts';
export { framesPanel } from './frames/index.ts';
export { glancePanel } from './glance/index.ts';
export { askForKey, storedKey } from './key-dialog.ts';
export { classShortcuts, listenForKeys, shortcutSheet } from './keys/index.ts';
export { mergedPanel } from './merged/index.ts';
export { announcer, inspector, objectsPanel } from './objects/index.ts';
export { profilePanel } from './profile-panel.ts';
export { savePanel } from './save-panel.ts';
export { statusLine } from './status.ts';
export { timelinePanel } from './timeline/index.ts';
export { toolbar } from './toolbar.ts';
export { versionWarning } from './versions/index.ts';
