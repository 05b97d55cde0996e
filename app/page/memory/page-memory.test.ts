import { describe, expect, it } from 'vitest';
import { Session } from '../session/index.ts';
import { PageMemory } from './page-memory.ts';
import type { TextStore } from './text-store.ts';

/** A store of texts, with a copy of another one's. */
function storeOf(texts: Iterable<readonly [string, string]> = []): TextStore & Iterable<[string, string]> {
  const map = new Map(texts);
  return {
    getItem: (name) => map.get(name) ?? null,
    setItem: (name, text) => void map.set(name, text),
    removeItem: (name) => void map.delete(name),
    key: (index) => [...map.keys()][index] ?? null,
    get length() {
      return map.size;
    },
    [Symbol.iterator]: () => map[Symbol.iterator](),
  };
}

describe('the undo history', () => {
  const local = storeOf();
  const step = { what: 'turn', frame: 'f', changes: [] };
  const history = { past: [step], future: [] };
  const save = (memory: PageMemory) => {
    memory.save({ ...new Session().state, frame: 'f' }, history);
  };

  it('is there for the next page of the tab', () => {
    const tab = storeOf();
    const memory = new PageMemory({ local, tab });
    expect(memory.history()).toBeNull();
    save(memory);
    memory.leave();
    expect(new PageMemory({ local, tab }).history()).toEqual(history);
  });

  it('of a tab that lives on is not in its copy', () => {
    const tab = storeOf();
    const memory = new PageMemory({ local, tab });
    memory.history();
    save(memory);
    const copied = storeOf(tab);
    expect(new PageMemory({ local, tab: copied }).history()).toBeNull();
    // Nor is it there when the copy is loaded again.
    const copy = new PageMemory({ local, tab: copied });
    copy.leave();
    expect(new PageMemory({ local, tab: copied }).history()).toBeNull();
    memory.leave();
    expect(new PageMemory({ local, tab }).history()).toEqual(history);
  });

  it('is there when the browser had thrown the page away', () => {
    const tab = storeOf();
    save(new PageMemory({ local, tab }));
    expect(new PageMemory({ local, tab, wasDiscarded: true }).history()).toEqual(history);
  });
});
