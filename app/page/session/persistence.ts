/** Work that survives a reload: written to local storage after every change. */
import { decodeSaved, encodeSaved, type Saved } from '../model/storage-codec.ts';
import type { PageState } from './state.ts';

const WORK = 'nearbox.work';
const LOOK = 'nearbox.look';

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;
type Look = Pick<PageState, 'colour' | 'theme'>;

export class Persistence {
  readonly #storage: Storage;
  readonly #onError: (message: string) => void;
  #last: Pick<PageState, 'work' | 'frame' | 'selected' | 'colour' | 'theme'> | null = null;

  constructor(storage: Storage, onError: (message: string) => void) {
    this.#storage = storage;
    this.#onError = onError;
  }

  /** The work of last time, or null. What cannot be read is kept beside under another name, not thrown away. */
  load(): Saved | null {
    const text = this.#storage.getItem(WORK);
    if (text === null) return null;
    try {
      return decodeSaved(text);
    } catch (error) {
      this.#storage.setItem(`${WORK}.unreadable`, text);
      this.#onError(`the saved work could not be read: ${String(error)}`);
      return null;
    }
  }

  loadLook(): Partial<Look> {
    try {
      return JSON.parse(this.#storage.getItem(LOOK) ?? '{}') as Partial<Look>;
    } catch {
      return {};
    }
  }

  save(state: PageState): void {
    const { work, frame, selected, colour, theme } = state;
    const last = this.#last;
    this.#last = { work, frame, selected, colour, theme };
    try {
      if (last === null || last.work !== work || last.frame !== frame || last.selected !== selected)
        this.#storage.setItem(WORK, encodeSaved({ work, frame, selected }));
      if (last === null || last.colour !== colour || last.theme !== theme)
        this.#storage.setItem(LOOK, JSON.stringify({ colour, theme }));
    } catch (error) {
      this.#onError(`the work could not be saved in this browser; export it: ${String(error)}`);
    }
  }
}
