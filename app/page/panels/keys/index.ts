/** The keyboard. */
export { listenForKeys } from './keyboard.ts';
export { shortcutSheet } from './shortcut-sheet.ts';
export { classShortcuts, shortcutKey } from './shortcuts.ts';
