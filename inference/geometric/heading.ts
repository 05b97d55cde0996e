/**
 * Which way the length points. A rectangle does not say; this is the documented rule:
 * 1. a loose box: the heading nearer to the given one;
 * 2. a car, van or pickup whose one end is clearly lower than the other: a bonnet is in front; a pickup's bed
 *    is at the rear;
 * 3. away from the scanner: traffic ahead mostly goes the same way. Scanner unknown: the heading nearer to +x
 *    (yaw in (-90, 90] degrees).
 */
import { type Vec2, wrapAngle } from '../boxes/index.ts';
import type { ObjectClass } from '../classes/index.ts';
import type { Columns } from './columns.ts';
import type { Footprint } from './evidence.ts';

/** Share of the length that counts as an end. */
const END_SHARE = 0.25;
/** Ends are told apart if their heights differ by this, metres, and each has this many columns. */
const MIN_HEIGHT_DIFFERENCE_METRES = 0.2;
const MIN_COLUMNS = 5;

export function heading(
  columns: Columns,
  box: Footprint,
  objectClass: ObjectClass,
  sensor: Vec2 | null,
  given: number | null,
): number {
  const towards = (yaw: number) =>
    Math.abs(wrapAngle(yaw - box.yaw)) <= Math.PI / 2 ? box.yaw : box.yaw + Math.PI;
  if (given !== null) return wrapAngle(towards(given));
  const lower =
    objectClass === 'car' || objectClass === 'van' || objectClass === 'pickup' ? lowerEnd(columns, box) : 0;
  if (lower !== 0) {
    const front = objectClass === 'pickup' ? -lower : lower;
    return wrapAngle(front > 0 ? box.yaw : box.yaw + Math.PI);
  }
  if (!sensor) return wrapAngle(towards(0));
  return wrapAngle(towards(Math.atan2(box.y - sensor[1], box.x - sensor[0])));
}

/** 1 if the end at +length is the lower one, -1 if the other is, 0 if that cannot be told. */
function lowerEnd(columns: Columns, box: Footprint): -1 | 0 | 1 {
  const cos = Math.cos(box.yaw);
  const sin = Math.sin(box.yaw);
  const front: number[] = [];
  const rear: number[] = [];
  for (let k = 0; k < columns.count; k++) {
    const dx = columns.x[k]! - box.x;
    const dy = columns.y[k]! - box.y;
    const u = (dx * cos + dy * sin) / box.length;
    if (Math.abs(u) > 0.5 || Math.abs(dy * cos - dx * sin) > box.width / 2) continue;
    if (u > 0.5 - END_SHARE) front.push(columns.top[k]!);
    else if (u < END_SHARE - 0.5) rear.push(columns.top[k]!);
  }
  if (front.length < MIN_COLUMNS || rear.length < MIN_COLUMNS) return 0;
  const difference = upper(front) - upper(rear);
  if (Math.abs(difference) < MIN_HEIGHT_DIFFERENCE_METRES) return 0;
  return difference < 0 ? 1 : -1;
}

/** The 90th percentile. */
function upper(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.floor(values.length * 0.9)]!;
}
