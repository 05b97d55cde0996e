/**
 * The three small pictures of a box in a frame: from above on the left, from its right side and from behind
 * on the right, all at one scale. Where a place in the cloud is drawn, and what a pixel is about.
 */
import { type Box, toBoxFrame, type Vec3 } from '../../../inference/boxes/index.ts';
import { SIDE_AXES, type SideGrip, type SideName } from '../boxes/index.ts';

/** What a press takes hold of: faces, the body, or the knob that turns the box. */
export type PictureGrip = SideGrip | 'turn';

/** Pixels. */
export const PICTURE = { width: 186, height: 108 } as const;

export interface Pane {
  readonly view: SideName;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const GAP_PIXELS = 2;
const TOP_WIDTH_PIXELS = 78;
const RIGHT_COLUMN = {
  left: TOP_WIDTH_PIXELS + GAP_PIXELS,
  width: PICTURE.width - TOP_WIDTH_PIXELS - GAP_PIXELS,
} as const;
const HALF_HEIGHT_PIXELS = (PICTURE.height - GAP_PIXELS) / 2;

export const PANES: readonly Pane[] = [
  { view: 'top', left: 0, top: 0, width: TOP_WIDTH_PIXELS, height: PICTURE.height },
  { view: 'side', ...RIGHT_COLUMN, top: 0, height: HALF_HEIGHT_PIXELS },
  { view: 'rear', ...RIGHT_COLUMN, top: HALF_HEIGHT_PIXELS + GAP_PIXELS, height: HALF_HEIGHT_PIXELS },
];

/**
 * Room around the box, as a share of its size and in metres; how much before and behind it is seen, metres.
 */
const ROOM_AROUND_BOX = { share: 1.15, metres: 0.9, depth: 0.6 };
/** A press so near an edge is on it, pixels. */
const EDGE_REACH_PIXELS = 5;
/** The knob: how far it stands off the front, its radius, and how near to it a press is on it, pixels. */
export const KNOB_PIXELS = { off: 7, radius: 2.5, reach: 5 } as const;

/** Pixels a metre at which a box of this size fits into all panes. */
export function pictureScale(size: Vec3): number {
  const room = size.map(
    (length) => length * ROOM_AROUND_BOX.share + ROOM_AROUND_BOX.metres,
  ) as unknown as Vec3;
  return Math.min(
    ...PANES.flatMap(({ view, width, height }) => {
      const { right, up } = SIDE_AXES[view];
      return [width / room[right.axis], height / room[up.axis]];
    }),
  );
}

/**
 * The pixel of a place that is given in the box's own frame, and whether it lies deep enough in the view to
 * be drawn there.
 */
export function toPane(
  pane: Pane,
  size: Vec3,
  own: Vec3,
  scale: number,
): { readonly x: number; readonly y: number; readonly isSeen: boolean } {
  const { right, up, depth } = SIDE_AXES[pane.view];
  return {
    x: pane.left + pane.width / 2 + own[right.axis] * right.side * scale,
    y: pane.top + pane.height / 2 - own[up.axis] * up.side * scale,
    isSeen: Math.abs(own[depth]) <= size[depth] / 2 + ROOM_AROUND_BOX.depth,
  };
}

/** The outline of `box` in a pane whose middle is `frame`'s centre and whose axes are `frame`'s. */
export function outlineIn(
  pane: Pane,
  frame: Box,
  box: Box,
  scale: number,
): readonly (readonly [number, number])[] {
  const { right, up } = SIDE_AXES[pane.view];
  return (
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const
  ).map(([toRight, toUp]) => {
    const own: [number, number, number] = [0, 0, 0];
    own[right.axis] = (box.size[right.axis] / 2) * toRight * right.side;
    own[up.axis] = (box.size[up.axis] / 2) * toUp * up.side;
    const cos = Math.cos(box.yaw);
    const sin = Math.sin(box.yaw);
    const place: Vec3 = [
      box.center[0] + own[0] * cos - own[1] * sin,
      box.center[1] + own[0] * sin + own[1] * cos,
      box.center[2] + own[2],
    ];
    const { x, y } = toPane(pane, frame.size, toBoxFrame(frame, place), scale);
    return [x, y] as const;
  });
}

/** The pixel of the knob of a box of this size, in the picture from above. */
export function knobPixel(pane: Pane, size: Vec3, scale: number): readonly [number, number] {
  return [pane.left + pane.width / 2, pane.top + pane.height / 2 - (size[0] / 2) * scale - KNOB_PIXELS.off];
}

/**
 * The angle of a pixel around the middle of the picture from above, from the heading to the left, radians.
 */
export function angleAt(pane: Pane, [x, y]: readonly [number, number]): number {
  return Math.atan2(pane.left + pane.width / 2 - x, pane.top + pane.height / 2 - y);
}

/** The pane that a pixel lies in, and what of the box a press there takes hold of; null: nothing. */
export function gripAt(
  size: Vec3,
  [x, y]: readonly [number, number],
  scale: number,
): { readonly pane: Pane; readonly grip: PictureGrip } | null {
  const pane = PANES.find(
    ({ left, top, width, height }) => x >= left && x < left + width && y >= top && y < top + height,
  );
  if (pane === undefined) return null;
  const knob = knobPixel(pane, size, scale);
  const isOnKnob =
    Math.hypot(x - knob[0], y - knob[1]) <= KNOB_PIXELS.reach && y <= knob[1] + KNOB_PIXELS.off / 2;
  if (pane.view === 'top' && isOnKnob) return { pane, grip: 'turn' };
  const { right, up } = SIDE_AXES[pane.view];
  const halfWidth = (size[right.axis] / 2) * scale;
  const halfHeight = (size[up.axis] / 2) * scale;
  const toRight = x - pane.left - pane.width / 2;
  const toUp = pane.top + pane.height / 2 - y;
  if (Math.abs(toRight) > halfWidth + EDGE_REACH_PIXELS || Math.abs(toUp) > halfHeight + EDGE_REACH_PIXELS)
    return null;
  // In a box of few pixels the middle third is its body.
  const isEdge = (at: number, half: number) => half - Math.abs(at) < Math.min(EDGE_REACH_PIXELS, half / 3);
  return {
    pane,
    grip: {
      right: isEdge(toRight, halfWidth) ? (toRight > 0 ? 1 : -1) : 0,
      up: isEdge(toUp, halfHeight) ? (toUp > 0 ? 1 : -1) : 0,
    },
  };
}
