/** The timeline as data: rows, cells, and where to look next. */
export { cellOf, cellText, isDoubtful, type TimelineCell } from './cells.ts';
export { isUnaccepted, nextPlace, nextToLookAt, type TimelinePlace } from './next-place.ts';
export { rowText, type TimelineRow, timelineRows } from './rows.ts';
