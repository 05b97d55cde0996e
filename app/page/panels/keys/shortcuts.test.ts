import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classesOf } from '../../ontology/index.ts';
import { timingText } from '../status.ts';
import { actionOf, classShortcuts, isOfBox, SHORTCUTS, shortcutKey } from './shortcuts.ts';

const CLASS_KEYS = classShortcuts(classesOf(null));

const press = (key: string, change: Partial<Parameters<typeof actionOf>[0]> = {}, classKeys = CLASS_KEYS) =>
  actionOf(
    {
      key,
      code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      ...change,
    },
    classKeys,
  );

describe('shortcuts', () => {
  it('have one action a key', () => {
    const keys = [...SHORTCUTS, ...CLASS_KEYS].flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('say which of them change the selected box', () => {
    expect(
      ['turnLeft', 'shrink', 'fitAgain', 'remove', 'accept', 'lock'].filter((name) => !isOfBox(name)),
    ).toEqual([]);
    expect(['undo', 'redo', 'keepSize', 'nextBox', 'home', 'glance'].filter(isOfBox)).toEqual([]);
  });

  it('know keys with and without modifiers', () => {
    expect(press('w')).toBe('moveUp');
    expect(press('W', { shiftKey: true })).toBe('growUp');
    expect(press('∑', { altKey: true, code: 'KeyW' })).toBe('cutUp');
    expect(press('z', { ctrlKey: true })).toBe('undo');
    expect(press('z', { metaKey: true })).toBe('undo');
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('redo');
    expect(press(' ')).toBe('accept');
    expect(press('?', { shiftKey: true })).toBe('sheet');
    expect(press('+', { shiftKey: true })).toBe('zoomIn');
    expect(press('3')).toBe('class:truck');
    expect(press('ArrowLeft', { shiftKey: true })).toBe('snapLeft');
    expect(press('w', { ctrlKey: true })).toBeUndefined();
    expect(press('F5')).toBeUndefined();
  });

  it('are the project’s where it has classes of its own', () => {
    const classes = classesOf({
      version: 1,
      classes: [{ name: 'tram', key: '3' }, { name: 'cart' }, { name: 'sign', key: 'Alt+3' }],
    });
    const own = classShortcuts(classes);
    expect(press('3', {}, own)).toBe('class:tram');
    expect(press('1', {}, own)).toBe('class:cart');
    expect(press('2', {}, own)).toBeUndefined();
    expect(press('£', { altKey: true, code: 'Digit3' }, own)).toBe('class:sign');
  });

  it('are named on the buttons', () => {
    expect(shortcutKey('undo')).toBe('Ctrl+Z');
    expect(shortcutKey('nothing')).toBe('');
  });

  it('and buttons name only actions that there are', () => {
    const html = readFileSync(new URL('../../index.html', import.meta.url), 'utf8');
    const named = [...html.matchAll(/data-action="(\w+)"/g)].map(([, action]) => action);
    expect(named.length).toBeGreaterThan(10);
    for (const action of named) expect(shortcutKey(action!)).not.toBe('');
  });
});

describe('the small print', () => {
  it('says what took how long and where nodes came from', () => {
    const report = {
      roundTripMs: 137.4,
      method: 'model',
      score: 0.93,
      note: null,
      timings: {
        totalMs: 130,
        resolveMs: 0.1,
        fetchMs: 12.2,
        decodeMs: 30,
        cropMs: 2,
        queueMs: 0,
        inferMs: 71,
      },
      cost: { nodes: 9, bytes: 1, memory: 7, disk: 0, origin: 2 },
    };
    expect(timingText(report)).toBe(
      'box in 137 ms · fetch 12 · decode 30 · crop 2 · network 71 · 9 nodes: 7 memory, 2 origin · model 0.93',
    );
    expect(timingText({ ...report, timings: null, cost: null, score: null, method: 'drawn' })).toBe(
      'box in 137 ms · drawn',
    );
  });
});
