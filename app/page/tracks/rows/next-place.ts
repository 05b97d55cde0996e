/** Where to look next: along one object through the frames, then along the next one. */
import type { TimelineCell } from './cells.ts';
import type { TimelineRow } from './rows.ts';

export interface TimelinePlace {
  readonly id: string;
  /** Index of the frame. */
  readonly frame: number;
}

/**
 * The next place whose cell is wanted, after (or before) the place that is looked at, around the end. Of a
 * run of frames in which an object is lost, only the first one counts. null if there is none.
 */
export function nextPlace(
  rows: readonly TimelineRow[],
  from: { readonly id: string | null; readonly frame: number },
  isWanted: (cell: TimelineCell) => boolean,
  step: 1 | -1 = 1,
): TimelinePlace | null {
  const places = rows.flatMap(({ id, cells }, row) =>
    cells.flatMap((cell, frame) => {
      if (cell === undefined || !isWanted(cell)) return [];
      const isOfRun = cell.status === 'lost' && cells[frame - 1]?.status === 'lost';
      return isOfRun ? [] : [{ id, frame, row }];
    }),
  );
  if (places.length === 0) return null;
  const own = rows.findIndex(({ id }) => id === from.id);
  const isAfter = (place: { row: number; frame: number }) =>
    place.row > own || (place.row === own && place.frame > from.frame);
  const isBefore = (place: { row: number; frame: number }) =>
    place.row < own || (place.row === own && place.frame < from.frame);
  const { id, frame } =
    step === 1
      ? (places.find(isAfter) ?? places[0]!)
      : ((own === -1 ? undefined : places.findLast(isBefore)) ?? places.at(-1)!);
  return { id, frame };
}

/** First what is doubtful; where nothing is, what nobody has accepted yet. */
export function nextToLookAt(
  rows: readonly TimelineRow[],
  from: { readonly id: string | null; readonly frame: number },
  step: 1 | -1 = 1,
): (TimelinePlace & { readonly why: 'doubtful' | 'unaccepted' }) | null {
  const doubtful = nextPlace(rows, from, (cell) => cell.isDoubtful, step);
  if (doubtful !== null) return { ...doubtful, why: 'doubtful' };
  const open = nextPlace(rows, from, isUnaccepted, step);
  return open && { ...open, why: 'unaccepted' };
}

export function isUnaccepted({ lost, isAccepted }: TimelineCell): boolean {
  return lost === null && !isAccepted;
}
