/** A fitted box whose placed parts are put back where the annotator had them. */
import { type Box, type Vec3, wrapAngle } from '../boxes/index.ts';
import type { KeptPart } from './fit-request.ts';

/** A free face comes no nearer to a kept one opposite than this, metres. */
const LEAST_SIZE_METRES = 0.1;
const SIDES: readonly KeptPart[] = ['front', 'rear', 'left', 'right'];

/**
 * The answer with the kept faces in the planes of the drawn box. A kept front, rear, left or right keeps the
 * yaw too: then the answer's other faces are read off along the drawn axes. Without one the yaw is the
 * answer's, turned by half if it would otherwise point backwards.
 */
export function keepParts(answer: Box, drawn: Box, keep: readonly KeptPart[]): Box {
  if (keep.length === 0) return answer;
  const isKept = (part: KeptPart) => keep.includes(part);
  const { center, size, yaw } =
    isKept('yaw') || SIDES.some(isKept) ? alongDrawn(answer, drawn, isKept) : facing(answer, drawn);
  const [z, height] = interval(
    answer.center[2] - drawn.center[2],
    answer.size[2],
    drawn.size[2],
    isKept('bottom'),
    isKept('top'),
  );
  return { center: [center[0], center[1], drawn.center[2] + z], size: [size[0], size[1], height], yaw };
}

/** The answer as a box that stands along the drawn box's axes, its kept sides those of the drawn box. */
function alongDrawn(answer: Box, drawn: Box, isKept: (part: KeptPart) => boolean): Box {
  const turn = Math.round((answer.yaw - drawn.yaw) / (Math.PI / 2));
  const [length, width] = turn % 2 === 0 ? answer.size : [answer.size[1], answer.size[0]];
  const [c, s] = [Math.cos(drawn.yaw), Math.sin(drawn.yaw)];
  const [dx, dy] = [answer.center[0] - drawn.center[0], answer.center[1] - drawn.center[1]];
  const [u, l] = interval(dx * c + dy * s, length, drawn.size[0], isKept('rear'), isKept('front'));
  const [v, w] = interval(dy * c - dx * s, width, drawn.size[1], isKept('right'), isKept('left'));
  const center: Vec3 = [drawn.center[0] + u * c - v * s, drawn.center[1] + u * s + v * c, drawn.center[2]];
  return { center, size: [l, w, answer.size[2]], yaw: wrapAngle(drawn.yaw) };
}

/**
 * When an annotator moves a side away from where the fit would put it, the fit has most likely put the whole
 * box beside the object, not made it too wide: the free face opposite goes along, by this share of the way.
 * Measured with `bench/accuracy/corrections.ts`.
 */
const FOLLOWS = { sides: 0.5, ends: 0.15 };
const MOST_FOLLOWED_METRES = 0.3;

/**
 * The kept answer with its free faces opposite to kept ones moved along.
 * @param kept what was fitted with the kept parts; it stands along the drawn box's axes if a side is kept
 * @param free what was fitted from the same drawn box without
 */
export function followKept(kept: Box, free: Box, drawn: Box, keep: readonly KeptPart[]): Box {
  const isKept = (part: KeptPart) => keep.includes(part);
  if (!SIDES.some(isKept)) return kept;
  const [c, s] = [Math.cos(drawn.yaw), Math.sin(drawn.yaw)];
  const unconstrained = alongDrawn(free, drawn, () => false);
  const follow = (axis: 0 | 1, low: KeptPart, high: KeptPart, share: number) => {
    const middle = (box: Box) => {
      const [dx, dy] = [box.center[0] - drawn.center[0], box.center[1] - drawn.center[1]];
      return axis === 0 ? dx * c + dy * s : dy * c - dx * s;
    };
    const plain = [middle(kept), kept.size[axis]] as const;
    if (isKept(low) === isKept(high)) return plain;
    const side = isKept(high) ? 1 : -1;
    const off =
      (side * drawn.size[axis]) / 2 - (middle(unconstrained) + (side * unconstrained.size[axis]) / 2);
    const way = Math.min(MOST_FOLLOWED_METRES, Math.max(-MOST_FOLLOWED_METRES, share * off));
    const length = Math.max(LEAST_SIZE_METRES, plain[1] - side * way);
    return [(side * drawn.size[axis]) / 2 - (side * length) / 2, length] as const;
  };
  const [u, length] = follow(0, 'rear', 'front', FOLLOWS.ends);
  const [v, width] = follow(1, 'right', 'left', FOLLOWS.sides);
  const [x, y] = drawn.center;
  return {
    center: [x + u * c - v * s, y + u * s + v * c, kept.center[2]],
    size: [length, width, kept.size[2]],
    yaw: kept.yaw,
  };
}

function facing(answer: Box, drawn: Box): Box {
  const isBackwards = Math.abs(wrapAngle(answer.yaw - drawn.yaw)) > Math.PI / 2;
  return isBackwards ? { ...answer, yaw: wrapAngle(answer.yaw + Math.PI) } : answer;
}

/**
 * Middle and length along one axis, from the drawn box's middle. A kept end is that of the drawn box,
 * exactly.
 * @param middle of the answer, from the drawn box's middle
 */
function interval(
  middle: number,
  length: number,
  drawnLength: number,
  isLowKept: boolean,
  isHighKept: boolean,
): readonly [middle: number, length: number] {
  if (isLowKept && isHighKept) return [0, drawnLength];
  if (!isLowKept && !isHighKept) return [middle, length];
  const half = drawnLength / 2;
  const grown = isHighKept ? half - (middle - length / 2) : middle + length / 2 + half;
  const kept = Math.max(LEAST_SIZE_METRES, grown);
  return [isHighKept ? half - kept / 2 : kept / 2 - half, kept];
}
