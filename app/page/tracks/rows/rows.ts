/** The rows of the timeline: an object each, a cell for each frame of its sequence. */
import type { FrameLabels, Label, Work } from '../../model/index.ts';
import { labelCell, cellOf as lostOrLabelCell, type TimelineCell } from './cells.ts';

export interface TimelineRow {
  readonly id: string;
  /** What the object is; the first frame that has a box of it says so. */
  readonly kind: RowKind;
  /** One for each frame; undefined where nothing is known of the object. */
  readonly cells: readonly (TimelineCell | undefined)[];
}

type RowKind = Pick<Label, 'class' | 'ownClass'>;

/** Rows in the order in which the objects first appear. */
export function timelineRows({ frames: labelled }: Work, frames: readonly string[]): TimelineRow[] {
  const known = frames.map((frame) => cellsOf(labelled[frame]));
  const classes = new Map<string, RowKind | null>();
  for (const { cells, classOf } of known)
    for (const id of cells.keys()) {
      const name = classOf.get(id) ?? null;
      if (!classes.has(id) || (classes.get(id) === null && name !== null)) classes.set(id, name);
    }
  return [...classes].map(([id, name]) => ({
    id,
    kind: name ?? { class: 'other' },
    cells: known.map(({ cells }) => cells.get(id)),
  }));
}

interface FrameCells {
  readonly cells: ReadonlyMap<string, TimelineCell>;
  readonly classOf: ReadonlyMap<string, RowKind>;
}

const NO_CELLS: FrameCells = { cells: new Map(), classOf: new Map() };
const ofFrame = new WeakMap<FrameLabels, FrameCells>();

function cellsOf(frame: FrameLabels | undefined): FrameCells {
  if (frame === undefined) return NO_CELLS;
  let found = ofFrame.get(frame);
  if (found === undefined) {
    const cells = new Map(frame.labels.map((label) => [label.id, labelCell(label)]));
    for (const id of Object.keys(frame.missing)) {
      const cell = lostOrLabelCell(frame, id);
      if (!cells.has(id) && cell !== undefined) cells.set(id, cell);
    }
    found = { cells, classOf: new Map(frame.labels.map((label) => [label.id, label])) };
    ofFrame.set(frame, found);
  }
  return found;
}

/** How much of a row is what, for a person who does not see it: `12 measured, 2 lost; 2 to look at`. */
export function rowText({ cells }: TimelineRow): string {
  const counts = new Map<string, number>();
  for (const cell of cells)
    if (cell !== undefined) counts.set(cell.status, (counts.get(cell.status) ?? 0) + 1);
  const parts = [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
  const doubtful = cells.filter((cell) => cell?.isDoubtful).length;
  return doubtful === 0 ? parts : `${parts}; ${doubtful} to look at`;
}
