/** Asks for the key where the server wants one; keeps it for this tab only. */
import { byId } from '../dom/index.ts';

const STORAGE_KEY = 'nearbox.key';

export function storedKey(): string | null {
  return sessionStorage.getItem(STORAGE_KEY);
}

/** Resolves with what was typed, or null if the dialog was closed. */
export function askForKey(): Promise<string | null> {
  const dialog = byId<HTMLDialogElement>('key-dialog');
  const input = byId<HTMLInputElement>('key-input');
  return new Promise((resolve) => {
    const done = () => {
      const key = dialog.returnValue === 'ok' ? input.value.trim() : '';
      if (key !== '') sessionStorage.setItem(STORAGE_KEY, key);
      resolve(key === '' ? null : key);
    };
    dialog.addEventListener('close', done, { once: true });
    dialog.returnValue = '';
    dialog.showModal();
  });
}
