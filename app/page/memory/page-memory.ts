/** What a page finds again after a reload, beside the labels: its look, its place, and its undo history. */
import { type DisplaySettings, INITIAL_DISPLAY } from '../display/index.ts';
import { type SavedHistory, sameJson, type UndoStep, without } from '../model/index.ts';
import type { PageState } from '../session/index.ts';
import type { TextStore } from './text-store.ts';

const LOOK_KEY = 'nearbox.look';
const PLACE_KEY = 'nearbox.place';
const HISTORY_KEY = 'nearbox.history';
/** Is there from when a page leaves its tab until the tab's next page comes. */
const LEFT_KEY = 'nearbox.left';
/** Browsers allow a page some five million characters; older steps are forgotten first. */
const MOST_HISTORY_CHARACTERS = 1_500_000;

type PageLook = Pick<PageState, 'colour' | 'theme' | 'isTimelineShown' | 'usesProfile'> & {
  readonly display: Pick<DisplaySettings, 'names' | 'pointSize' | 'intensity'>;
};
type PagePlace = Pick<PageState, 'frame' | 'selected'>;
export interface PageMemoryOptions {
  /** Lives as long as the browser's profile, for all tabs. */
  readonly local: TextStore;
  /** Lives as long as the tab. A tab that is duplicated takes a copy along. */
  readonly tab: TextStore;
  /** The browser threw the tab's page away to save memory, and loads it again. Default: false. */
  readonly wasDiscarded?: boolean | undefined;
}

export class PageMemory {
  readonly #local: TextStore;
  readonly #tab: TextStore;
  readonly #wasDiscarded: boolean;
  #last: Partial<PageLook & PagePlace> = {};
  #lastSteps = -1;
  #lastStep: UndoStep | undefined;

  constructor({ local, tab, wasDiscarded = false }: PageMemoryOptions) {
    this.#local = local;
    this.#tab = tab;
    this.#wasDiscarded = wasDiscarded;
  }

  look(): Partial<PageState> {
    const { display, ...look } = read(this.#local, LOOK_KEY) as Partial<PageLook>;
    return { ...look, display: { ...INITIAL_DISPLAY, ...display } };
  }

  /** The place of this tab, or of the tab that was used last. */
  place(): Partial<PagePlace> {
    const own = read(this.#tab, PLACE_KEY) as Partial<PagePlace>;
    return own.frame == null ? (read(this.#local, PLACE_KEY) as Partial<PagePlace>) : own;
  }

  /** A list that was kept under a name; empty if there is none. */
  list(name: string): readonly unknown[] {
    const kept = this.kept(name);
    return Array.isArray(kept) ? kept : [];
  }

  /** What was kept under a name, for all tabs of this browser; null if there is nothing. */
  kept(name: string): unknown {
    const kept = read(this.#local, `nearbox.${name}`);
    return Object.keys(kept).length === 0 ? null : kept;
  }

  keep(name: string, value: unknown): void {
    write(this.#local, `nearbox.${name}`, value);
  }

  /**
   * The steps of the page that this tab had before. A copy of a tab that lives on has none: those steps are
   * that tab's to undo.
   */
  history(): SavedHistory | null {
    const isOwn = this.#wasDiscarded || this.#tab.getItem(LEFT_KEY) !== null;
    this.stay();
    if (!isOwn) this.#tab.removeItem(HISTORY_KEY);
    const saved = read(this.#tab, HISTORY_KEY) as Partial<SavedHistory>;
    return Array.isArray(saved.past) && Array.isArray(saved.future) ? (saved as SavedHistory) : null;
  }

  /** The page leaves its tab: what is kept is for the tab's next page. */
  leave(): void {
    write(this.#tab, LEFT_KEY, true);
  }

  /** The page is in its tab, or comes back to it. */
  stay(): void {
    this.#tab.removeItem(LEFT_KEY);
  }

  save({ frame, selected, ...state }: PageState, history: SavedHistory): void {
    const { colour, theme, isTimelineShown, usesProfile } = state;
    const { names, pointSize, intensity } = state.display;
    const display = { names, pointSize, intensity };
    const look: PageLook = { colour, theme, isTimelineShown, usesProfile, display };
    const last = this.#last;
    this.#last = { ...look, frame, selected };
    if (!sameJson(look, without(last, ['frame', 'selected']))) write(this.#local, LOOK_KEY, look);
    if (last.frame !== frame || last.selected !== selected) {
      write(this.#local, PLACE_KEY, { frame, selected });
      write(this.#tab, PLACE_KEY, { frame, selected });
    }
    this.#saveHistory(history);
  }

  #saveHistory({ past, future }: SavedHistory): void {
    if (past.length === this.#lastSteps && past.at(-1) === this.#lastStep) return;
    this.#lastSteps = past.length;
    this.#lastStep = past.at(-1);
    const kept: string[] = [];
    let characters = 0;
    for (const step of past.toReversed()) {
      const text = JSON.stringify(step);
      characters += text.length;
      if (characters > MOST_HISTORY_CHARACTERS) break;
      kept.push(text);
    }
    const later = JSON.stringify(future);
    const isShort = later.length + characters < MOST_HISTORY_CHARACTERS;
    const text = `{"past":[${kept.reverse().join(',')}],"future":${isShort ? later : '[]'}}`;
    try {
      this.#tab.setItem(HISTORY_KEY, text);
    } catch {
      // A full store costs the history of this reload, and nothing of the work.
    }
  }
}

function read(store: TextStore, name: string): object {
  try {
    const value = JSON.parse(store.getItem(name) ?? '{}') as unknown;
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function write(store: TextStore, name: string, value: unknown): void {
  try {
    store.setItem(name, JSON.stringify(value));
  } catch {
    // The look and the place are a convenience.
  }
}
