/**
 * Labels that the browser's database did not have yet when the page was closed. Local storage is written at
 * once, so it holds them until the next page takes them up.
 */
import type { PageLabels } from '../api/index.ts';
import { isRecord } from '../model/index.ts';
import type { TextStore } from './text-store.ts';

export interface Leftover {
  readonly cloud: string;
  /** What the database had before the change; null if it had nothing. */
  readonly base: PageLabels | null;
  /** What was being written just then, which the database may have or not; null if nothing was. */
  readonly underWay?: PageLabels | null;
  readonly document: PageLabels;
}

const PREFIX = 'nearbox.unwritten.';

/**
 * To be called when the page is hidden or closed. @param tab tells the tabs of a browser apart
 * @returns false if the store has no room for it
 */
export function leaveBehind(store: TextStore, tab: string, leftovers: readonly Leftover[]): boolean {
  const name = `${PREFIX}${tab}`;
  store.removeItem(name);
  if (leftovers.length === 0) return true;
  try {
    store.setItem(name, JSON.stringify(leftovers));
    return true;
  } catch {
    return false;
  }
}

/** What pages left behind, by the name to forget it under. */
export function leftoversIn(store: TextStore): { readonly name: string; readonly leftovers: Leftover[] }[] {
  const names = Array.from({ length: store.length }, (_, index) => store.key(index)).filter(
    (name): name is string => name?.startsWith(PREFIX) === true,
  );
  return names.map((name) => ({ name, leftovers: decode(store.getItem(name)) }));
}

function decode(text: string | null): Leftover[] {
  try {
    const value = JSON.parse(text ?? '[]') as unknown;
    return Array.isArray(value) ? value.filter(isLeftover) : [];
  } catch {
    return [];
  }
}

function isLeftover(value: unknown): value is Leftover {
  return isRecord(value) && typeof value.cloud === 'string' && isRecord(value.document);
}
