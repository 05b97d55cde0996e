/**
 * Decodes the networks' raw outputs into boxes. `training/networks` (decode_propose, decode_refine) and
 * `training/questions/ray_frame.py` (from_frame) do the same.
 */
import type { Box, Vec3 } from '../boxes/index.ts';
import { wrapAngle } from '../boxes/index.ts';
import { OBJECT_CLASSES } from '../classes/index.ts';
import { groundHeight } from '../ground/index.ts';
import type { NetworkQuestion } from './features.ts';
import { rayDirection } from './features.ts';

/** Yaw bins over 180 degrees. */
const YAW_BINS = 12;
const CLASSES = OBJECT_CLASSES.length;
const MIN_SIZE_METRES = 0.1;
const MAX_SIZE_METRES = 40;
/** The networks' heights are relative to this height over the ground, metres. */
const CENTRE_HEIGHT_METRES = 0.8;

/** Lengths of the output rows. */
export const PROPOSE_OUT = 6 + 2 * YAW_BINS + 1 + CLASSES;
export const REFINE_OUT = 6 + 1 + 4 + CLASSES + 1;

/**
 * Decodes a proposal: centre (relative to the click; z over the ground minus 0.8 m), size, yaw bins, yaw
 * residuals, front/back logit, class logits.
 */
export function decodePropose(
  row: Float32Array,
  click: Vec3,
  question: Pick<NetworkQuestion, 'sensor' | 'ground'>,
): Box {
  const bin = largest(row, 6, YAW_BINS);
  const step = Math.PI / YAW_BINS;
  const rest = Math.min(1.5, Math.max(-1.5, row[6 + YAW_BINS + bin]!));
  let yaw = (bin + 0.5) * step + (rest * step) / 2;
  if (!(row[6 + 2 * YAW_BINS]! > 0)) yaw += Math.PI;
  const turn = rayDirection(click, question.sensor);
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  const x = click[0] + row[0]! * c - row[1]! * s;
  const y = click[1] + row[0]! * s + row[1]! * c;
  const over = row[2]! + CENTRE_HEIGHT_METRES;
  const z = question.ground
    ? over + groundHeight(question.ground, x, y)
    : over + click[2] - CENTRE_HEIGHT_METRES;
  return {
    center: [x, y, z],
    size: [bounded(row[3]!), bounded(row[4]!), bounded(row[5]!)],
    yaw: wrapAngle(yaw + turn),
  };
}

/**
 * Decodes a refinement: outward moves of the faces +x -x +y -y +z -z of the given box, its turn, which of its
 * four sides the heading goes through, class logits, score logit.
 * @param keep a size to keep; then only the centre of the moved faces is used
 * @returns also `movedMetres`, the largest move of a face, or of an end by the turn
 */
export function decodeRefine(
  row: Float32Array,
  box: Box,
  keep: Vec3 | null,
): { box: Box; score: number; class: number; movedMetres: number } {
  const [hl, hw, hh] = [box.size[0] / 2, box.size[1] / 2, box.size[2] / 2];
  const front = hl + row[0]!;
  const back = hl + row[1]!;
  const left = hw + row[2]!;
  const right = hw + row[3]!;
  const top = hh + row[4]!;
  const bottom = hh + row[5]!;
  const u = (front - back) / 2;
  const v = (left - right) / 2;
  const along = box.yaw + row[6]!;
  const heading = largest(row, 7, 4);
  const odd = heading % 2 === 1;
  const c = Math.cos(along);
  const s = Math.sin(along);
  const ex = bounded(front + back);
  const ey = bounded(left + right);
  return {
    box: {
      center: [
        box.center[0] + u * c - v * s,
        box.center[1] + u * s + v * c,
        box.center[2] + (top - bottom) / 2,
      ],
      size: keep ?? [odd ? ey : ex, odd ? ex : ey, bounded(top + bottom)],
      yaw: wrapAngle(along + (heading * Math.PI) / 2),
    },
    score: 1 / (1 + Math.exp(-row[11 + CLASSES]!)),
    class: largest(row, 11, CLASSES),
    movedMetres: Math.max(...row.subarray(0, 6).map(Math.abs), Math.abs(row[6]!) * Math.max(hl, hw)),
  };
}

function largest(row: Float32Array, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (row[from + i]! > row[from + best]!) best = i;
  return best;
}

function bounded(size: number): number {
  return Math.min(MAX_SIZE_METRES, Math.max(MIN_SIZE_METRES, size));
}
