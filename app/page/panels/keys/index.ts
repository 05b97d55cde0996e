/** The keyboard. */
export { listenForKeys } from './keyboard.ts';
export { shortcutSheet } from './shortcut-sheet.ts';
export { actionOf, classShortcuts, isOfBox, shortcutKey } from './shortcuts.ts';
