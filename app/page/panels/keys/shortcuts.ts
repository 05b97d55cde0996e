/** All keys in one table: the keyboard goes by it, and the sheet shows it. */
import type { PageClass } from '../../ontology/index.ts';

export interface Shortcut {
  readonly action: string;
  /** `Ctrl+Shift+Z`, `A`, `Space`; several mean the same. */
  readonly keys: readonly string[];
  readonly text: string;
  readonly group: 'Getting a box' | 'Editing' | 'Boxes' | 'Frames' | 'Tracks' | 'Looking';
}

export const SHORTCUTS: readonly Shortcut[] = [
  {
    action: 'hitCentre',
    keys: ['H'],
    text: 'box of what is at the cross in the middle',
    group: 'Getting a box',
  },
  {
    action: 'dropBox',
    keys: ['K'],
    text: 'rough box of the chosen class at the cross, fitted',
    group: 'Getting a box',
  },
  { action: 'accept', keys: ['Space', 'Enter'], text: 'accept the box', group: 'Getting a box' },
  {
    action: 'letGo',
    keys: ['Escape'],
    text: 'give up a question, stop a track, let go of the box',
    group: 'Getting a box',
  },
  { action: 'toolClick', keys: ['V'], text: 'tool: click', group: 'Getting a box' },
  { action: 'toolBox', keys: ['B'], text: 'tool: drag a rough box (or Shift-drag)', group: 'Getting a box' },
  { action: 'toolLasso', keys: ['L'], text: 'tool: lasso (or Alt-drag)', group: 'Getting a box' },
  { action: 'fitAgain', keys: ['F'], text: 'fit again from the edited box', group: 'Editing' },
  { action: 'fitRest', keys: ['Shift+E'], text: 'fit the rest around placed faces', group: 'Editing' },
  { action: 'profile', keys: ['Shift+J'], text: 'draw as this project does, on or off', group: 'Editing' },
  { action: 'moveUp', keys: ['W'], text: 'move in the view under the mouse', group: 'Editing' },
  { action: 'moveLeft', keys: ['A'], text: '', group: 'Editing' },
  { action: 'moveDown', keys: ['S'], text: '', group: 'Editing' },
  { action: 'moveRight', keys: ['D'], text: '', group: 'Editing' },
  { action: 'growUp', keys: ['Shift+W'], text: 'grow to that side (Alt: shrink)', group: 'Editing' },
  { action: 'growLeft', keys: ['Shift+A'], text: '', group: 'Editing' },
  { action: 'growDown', keys: ['Shift+S'], text: '', group: 'Editing' },
  { action: 'growRight', keys: ['Shift+D'], text: '', group: 'Editing' },
  { action: 'cutUp', keys: ['Alt+W'], text: '', group: 'Editing' },
  { action: 'cutLeft', keys: ['Alt+A'], text: '', group: 'Editing' },
  { action: 'cutDown', keys: ['Alt+S'], text: '', group: 'Editing' },
  { action: 'cutRight', keys: ['Alt+D'], text: '', group: 'Editing' },
  { action: 'turnLeft', keys: ['Q'], text: 'turn', group: 'Editing' },
  { action: 'turnRight', keys: ['E'], text: '', group: 'Editing' },
  { action: 'raise', keys: ['R'], text: 'raise, lower', group: 'Editing' },
  { action: 'lower', keys: ['C'], text: '', group: 'Editing' },
  { action: 'snapUp', keys: ['Shift+ArrowUp'], text: 'snap that side to the points', group: 'Editing' },
  { action: 'snapLeft', keys: ['Shift+ArrowLeft'], text: '', group: 'Editing' },
  { action: 'snapDown', keys: ['Shift+ArrowDown'], text: '', group: 'Editing' },
  { action: 'snapRight', keys: ['Shift+ArrowRight'], text: '', group: 'Editing' },
  { action: 'shrink', keys: ['T'], text: 'tighten all sides to the points', group: 'Editing' },
  { action: 'flip', keys: ['X'], text: 'flip the heading', group: 'Editing' },
  { action: 'ground', keys: ['G'], text: 'sit on the ground', group: 'Editing' },
  { action: 'keepSize', keys: ['O'], text: 'keep the size, on or off', group: 'Editing' },
  { action: 'gizmo', keys: ['J'], text: 'arrows or ring in the main view', group: 'Editing' },
  { action: 'undo', keys: ['Ctrl+Z'], text: 'undo', group: 'Editing' },
  { action: 'redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], text: 'redo', group: 'Editing' },
  { action: 'nextBox', keys: ['N'], text: 'next box', group: 'Boxes' },
  { action: 'previousBox', keys: ['Shift+N'], text: 'box before', group: 'Boxes' },
  { action: 'remove', keys: ['Delete', 'Backspace'], text: 'delete the box', group: 'Boxes' },
  { action: 'keepVersion', keys: ['P'], text: 'of two versions, keep this one', group: 'Boxes' },
  { action: 'nextFrame', keys: ['.', 'PageDown'], text: 'next frame', group: 'Frames' },
  { action: 'previousFrame', keys: [',', 'PageUp'], text: 'frame before', group: 'Frames' },
  { action: 'copyOne', keys: ['Y'], text: 'copy the box to the next frame', group: 'Frames' },
  { action: 'copyAll', keys: ['Shift+Y'], text: 'copy all boxes there', group: 'Frames' },
  { action: 'confirmVersion', keys: ['U'], text: 'boxes of another version fit this one', group: 'Frames' },
  { action: 'done', keys: ['Shift+Enter'], text: 'the frame is done, or open again', group: 'Frames' },
  { action: 'trackBoth', keys: ['I'], text: 'carry the box through all frames', group: 'Tracks' },
  { action: 'trackForward', keys: ['Shift+F'], text: 'forwards, backwards only', group: 'Tracks' },
  { action: 'trackBackward', keys: ['Shift+B'], text: '', group: 'Tracks' },
  { action: 'trackAll', keys: ['Shift+I'], text: 'carry all boxes of the frame', group: 'Tracks' },
  {
    action: 'lookAtNext',
    keys: ['Z'],
    text: 'next box to look at: doubtful, then unaccepted',
    group: 'Tracks',
  },
  { action: 'lookAtPrevious', keys: ['Shift+Z'], text: 'the one before', group: 'Tracks' },
  { action: 'acceptTrack', keys: ['Shift+Space'], text: 'accept the whole track', group: 'Tracks' },
  { action: 'lock', keys: ['Shift+L'], text: 'lock the box: no track moves it', group: 'Tracks' },
  { action: 'absent', keys: ['Shift+O'], text: 'the object is not in this frame', group: 'Tracks' },
  { action: 'static', keys: ['Shift+P'], text: 'the object stands, or moves', group: 'Tracks' },
  { action: 'oneSize', keys: ['Shift+R'], text: 'this size in all frames', group: 'Tracks' },
  { action: 'split', keys: ['Shift+C'], text: 'from here on another object', group: 'Tracks' },
  { action: 'merge', keys: ['Shift+M'], text: 'one object with the next one selected', group: 'Tracks' },
  {
    action: 'deleteFromHere',
    keys: ['Shift+Delete', 'Shift+Backspace'],
    text: 'delete the object from here on',
    group: 'Tracks',
  },
  { action: 'check', keys: ['Shift+V'], text: 'checks, on or off', group: 'Tracks' },
  { action: 'timeline', keys: ['Shift+H'], text: 'timeline, on or off', group: 'Tracks' },
  { action: 'glance', keys: ['Shift+G'], text: 'the object in all frames', group: 'Tracks' },
  { action: 'nextUnaccepted', keys: ['Shift+U'], text: 'next box that is not accepted', group: 'Tracks' },
  { action: 'filter', keys: ['/'], text: 'filter the boxes', group: 'Looking' },
  { action: 'hide', keys: ['Shift+K'], text: 'hide the object', group: 'Looking' },
  { action: 'isolate', keys: ['Shift+X'], text: 'only the object’s surroundings', group: 'Looking' },
  {
    action: 'toolRegion',
    keys: ['Alt+X'],
    text: 'drag a region: only its points are shown',
    group: 'Looking',
  },
  { action: 'toolMeasure', keys: ['Shift+Q'], text: 'measure between two clicks', group: 'Looking' },
  { action: 'hideGround', keys: ['Alt+G'], text: 'hide the ground, or show it', group: 'Looking' },
  { action: 'showAll', keys: ['Alt+K'], text: 'show all boxes and points again', group: 'Looking' },
  { action: 'names', keys: ['Shift+T'], text: 'names of boxes: all, short, off', group: 'Looking' },
  { action: 'cameras', keys: ['Alt+C'], text: 'images of cameras, on or off', group: 'Looking' },
  {
    action: 'merged',
    keys: ['Alt+M'],
    text: 'map of all frames in one world, on or off',
    group: 'Looking',
  },
  { action: 'colour', keys: ['M'], text: 'next way to colour', group: 'Looking' },
  { action: 'panUp', keys: ['ArrowUp'], text: 'move the view', group: 'Looking' },
  { action: 'panLeft', keys: ['ArrowLeft'], text: '', group: 'Looking' },
  { action: 'panDown', keys: ['ArrowDown'], text: '', group: 'Looking' },
  { action: 'panRight', keys: ['ArrowRight'], text: '', group: 'Looking' },
  { action: 'orbitUp', keys: ['Ctrl+ArrowUp'], text: 'turn the view', group: 'Looking' },
  { action: 'orbitLeft', keys: ['Ctrl+ArrowLeft'], text: '', group: 'Looking' },
  { action: 'orbitDown', keys: ['Ctrl+ArrowDown'], text: '', group: 'Looking' },
  { action: 'orbitRight', keys: ['Ctrl+ArrowRight'], text: '', group: 'Looking' },
  { action: 'zoomIn', keys: ['+', '='], text: 'zoom in, out', group: 'Looking' },
  { action: 'zoomOut', keys: ['-'], text: '', group: 'Looking' },
  { action: 'centre', keys: ['0'], text: 'bring the box to the middle', group: 'Looking' },
  { action: 'home', keys: ['Home'], text: 'view of the beginning', group: 'Looking' },
  { action: 'sheet', keys: ['?'], text: 'this sheet', group: 'Looking' },
];

/** The keys of classes, which depend on the project. */
export function classShortcuts(classes: readonly PageClass[]): Shortcut[] {
  return classes.flatMap(({ name, key }): Shortcut[] =>
    key === null ? [] : [{ action: `class:${name}`, keys: [key], text: name, group: 'Boxes' }],
  );
}

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * The action of a key press, or undefined. Letters go by what is printed on the key; Alt may change that, so
 * then by its place.
 * @param classKeys see `classShortcuts`
 */
export function actionOf(press: KeyPress, classKeys: readonly Shortcut[] = []): string | undefined {
  const letter = /^(?:Key|Digit)([A-Z1-9])$/.exec(press.code)?.[1];
  const key =
    press.key === ' '
      ? 'Space'
      : press.altKey && letter !== undefined
        ? letter
        : press.key.length === 1
          ? press.key.toUpperCase()
          : press.key;
  const isText = press.key.length === 1 && press.key !== ' ' && !/[a-z]/i.test(press.key);
  const modifiers = [
    press.ctrlKey || press.metaKey ? 'Ctrl+' : '',
    press.altKey ? 'Alt+' : '',
    // Shift is part of the sign in "?" and "+".
    press.shiftKey && !isText ? 'Shift+' : '',
  ].join('');
  const name = modifiers + key;
  return [...SHORTCUTS, ...classKeys].find(({ keys }) => keys.includes(name))?.action;
}

/** Actions of other groups that change the selected box. */
const OF_BOX = ['accept', 'remove', 'absent', 'lock', 'split', 'deleteFromHere', 'oneSize', 'copyOne'];
/** Those among the edits that are about no box. */
const OF_NO_BOX = ['undo', 'redo', 'keepSize', 'profile', 'gizmo'];

/** True for an action that changes the selected box of the open frame. */
export function isOfBox(action: string): boolean {
  const isEdit = SHORTCUTS.some((one) => one.action === action && one.group === 'Editing');
  return OF_BOX.includes(action) || (isEdit && !OF_NO_BOX.includes(action));
}

/** The first key of an action, as the page shows it. */
export function shortcutKey(action: string): string {
  return SHORTCUTS.find((shortcut) => shortcut.action === action)?.keys[0] ?? '';
}
