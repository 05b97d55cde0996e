import { expect, it } from 'vitest';
import type { PageLabels } from '../api/index.ts';
import { leaveBehind, leftoversIn } from './index.ts';
import type { TextStore } from './text-store.ts';

const document: PageLabels = { version: 1, cloud: { id: 'f', version: 'v1' }, state: 'done', boxes: [] };

/** A store of texts with room for so many characters. */
function storeOf(room: number): TextStore {
  const map = new Map<string, string>();
  return {
    getItem: (name) => map.get(name) ?? null,
    setItem: (name, text) => {
      if (text.length > room) throw new DOMException('no room', 'QuotaExceededError');
      map.set(name, text);
    },
    removeItem: (name) => void map.delete(name),
    key: (index) => [...map.keys()][index] ?? null,
    get length() {
      return map.size;
    },
  };
}

it('work that a page leaves behind is there for the next one, and it is said where there is no room for it', () => {
  const store = storeOf(1000);
  const leftover = { cloud: 'f', base: null, document };
  expect(leaveBehind(store, 'tab', [leftover])).toBe(true);
  expect(leftoversIn(store).map(({ leftovers }) => leftovers)).toEqual([[leftover]]);
  const long = { ...leftover, document: { ...document, remark: 'x'.repeat(2000) } };
  expect(leaveBehind(store, 'tab', [long])).toBe(false);
  // What it left before is not of today.
  expect(leftoversIn(store)).toEqual([]);
  expect(leaveBehind(store, 'tab', [])).toBe(true);
});
