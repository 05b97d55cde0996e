/** Key presses become actions, unless they are meant for a field, a dialog or a focused button. */
import { actionOf, type Shortcut } from './shortcuts.ts';

/** @param classKeys the keys of classes as they are now */
export function listenForKeys(run: (action: string) => boolean, classKeys: () => readonly Shortcut[]): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (document.querySelector('dialog[open]') !== null) return;
    if (target.matches('input:not([type=range]), textarea, select')) {
      if (event.key === 'Escape' || event.key === 'Enter') focusView();
      return;
    }
    const isPress = event.key === ' ' || event.key === 'Enter';
    if (isPress && target.matches('button, summary, a')) return;
    if (target.matches('input[type=range]') && event.key.startsWith('Arrow')) return;
    const action = actionOf(event, classKeys());
    if (action !== undefined && run(action)) event.preventDefault();
  });
  // A button that was pressed with the mouse does not keep the keys that are meant for the box.
  document.addEventListener('click', (event) => {
    if (
      event.detail > 0 &&
      (event.target as Element).closest('button, select') !== null &&
      !event.defaultPrevented
    )
      if (document.activeElement?.matches('button')) focusView();
  });
}

function focusView(): void {
  document.getElementById('view-main')?.focus({ preventScroll: true });
}
