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

/** To be called when the page is hidden or closed. @param tab tells the tabs of a browser apart */
export function leaveBehind(store: TextStore, tab: string, leftovers: readonly Leftover[]): void {
  const name = `${PREFIX}${tab}`;
  if (leftovers.length === 0) store.removeItem(name);
  else store.setItem(name, JSON.stringify(leftovers));
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
