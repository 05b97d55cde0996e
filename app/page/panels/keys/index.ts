/** The keyboard. */
export { listenForKeys } from './keyboard.ts';
export { shortcutSheet } from './shortcut-sheet.ts';
export { shortcutKey } from './shortcuts.ts';
