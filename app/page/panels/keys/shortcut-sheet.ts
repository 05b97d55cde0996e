/** The sheet of all keys, made from the table that the keyboard goes by. */
import { h } from '../../dom/index.ts';
import { SHORTCUTS, type Shortcut } from './shortcuts.ts';

const MOUSE: readonly (readonly [string, string])[] = [
  ['Click', 'box of the object there; on a box: select it'],
  ['Shift-drag', 'rough box, in any view'],
  ['Alt-drag', 'lasso, in any view'],
  ['Drag · right drag · wheel', 'turn, move, zoom the view'],
  ['Drag a handle', 'resize, move or turn the box'],
  ['Double click or Alt-click a handle', 'snap that face to the points'],
];

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};

/** @param classKeys the keys of classes as they are now */
export function shortcutSheet(classKeys: () => readonly Shortcut[]): HTMLDialogElement {
  const groups = [...new Set(SHORTCUTS.map(({ group }) => group))];
  const columns = h('div', { class: 'columns' });
  const close = h('button', { class: 'close', 'aria-label': 'Close', onclick: () => dialog.close() }, '✕');
  const dialog = h(
    'dialog',
    { class: 'sheet', 'aria-label': 'Keys and mouse' },
    h('header', {}, h('h2', {}, 'Keys and mouse'), close),
    columns,
  );
  dialog.addEventListener('beforetoggle', () => {
    const all = [...classKeys(), ...SHORTCUTS];
    columns.replaceChildren(
      section(
        'Mouse',
        MOUSE.map(([keys, text]) => row([keys], text)),
      ),
      ...groups.map((group) => section(group, rowsOf(all.filter((one) => one.group === group)))),
    );
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

/** Keys without a text of their own belong to the one before. */
function rowsOf(shortcuts: readonly Shortcut[]): HTMLElement[] {
  const merged: { keys: string[]; text: string }[] = [];
  for (const { keys, text } of shortcuts) {
    if (text === '') merged.at(-1)!.keys.push(...keys);
    else merged.push({ keys: [...keys], text });
  }
  return merged.map(({ keys, text }) => row(shownKeys(keys), text));
}

function section(title: string, rows: readonly HTMLElement[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), h('dl', {}, ...rows));
}

function row(keys: readonly string[], text: string): HTMLElement {
  return h('div', {}, h('dt', {}, ...keys.map((key) => h('kbd', {}, key))), h('dd', {}, text));
}

/** Keys as they are shown; of keys with the same modifier, the modifier once: `Shift` `W` `A` `S` `D`. */
function shownKeys(keys: readonly string[]): string[] {
  let before = '';
  return keys.flatMap((key) => {
    const [modifiers, last] = splitKey(key);
    const isNew = modifiers !== '' && modifiers !== before;
    before = modifiers;
    // A key with a modifier that no other shares stays one piece.
    const shares = keys.filter((other) => splitKey(other)[0] === modifiers).length > 1;
    if (modifiers !== '' && !shares) return [`${modifiers}+${NAMES[last] ?? last}`];
    return [...(isNew ? [modifiers] : []), NAMES[last] ?? last];
  });
}

/** `Ctrl+Shift+Z` is `Ctrl+Shift` and `Z`; the plus sign is a key too. */
function splitKey(key: string): readonly [string, string] {
  const at = key.lastIndexOf('+', key.length - 2);
  return at <= 0 ? ['', key] : [key.slice(0, at), key.slice(at + 1)];
}
