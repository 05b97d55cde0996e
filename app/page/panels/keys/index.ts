/** The keyboard. */
export { listenForKeys } from './keyboard.ts';
export { shortcutSheet } from './shortcut-sheet.ts';
export { actionOf, keyOf, SHORTCUTS } from './shortcuts.ts';
