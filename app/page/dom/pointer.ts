/**
 * One pointer from its press on, and two fingers that spread: what a mouse, a pen and hands have in common.
 */

export interface PointerFollower {
  readonly move?: (event: PointerEvent) => void;
  readonly up?: (event: PointerEvent) => void;
  /** The system took the pointer away. */
  readonly cancel?: () => void;
  /** A second finger came: if this is there, the first one is followed no more. */
  readonly second?: () => void;
}

/**
 * Follows the pointer of a press until it is lifted or taken away; other fingers are not heard.
 * @returns ends that before
 */
export function followPointer(
  press: PointerEvent,
  { move, up, cancel, second }: PointerFollower,
): () => void {
  const end = new AbortController();
  const on = { signal: end.signal };
  const heard = (then: (event: PointerEvent) => void) => (event: PointerEvent) => {
    if (event.pointerId === press.pointerId) then(event);
  };
  addEventListener(
    'pointermove',
    heard((event) => move?.(event)),
    on,
  );
  addEventListener(
    'pointerup',
    heard((event) => {
      end.abort();
      up?.(event);
    }),
    on,
  );
  addEventListener(
    'pointercancel',
    heard(() => {
      end.abort();
      cancel?.();
    }),
    on,
  );
  // In the window before all others: the press itself is past it.
  const onSecond = () => {
    end.abort();
    second?.();
  };
  if (second !== undefined) addEventListener('pointerdown', onSecond, { ...on, capture: true });
  return () => end.abort();
}

/** How far a press may move and be a click: a finger is less steady than a mouse. Pixels. */
export function clickSlop({ pointerType }: PointerEvent): number {
  return pointerType === 'touch' ? 12 : 4;
}

export interface Pinch {
  /** Above 1: the fingers went apart. */
  readonly factor: number;
  /** The middle between them, as `clientX`, `clientY`; and how far it moved, pixels. */
  readonly middle: readonly [number, number];
  readonly by: readonly [number, number];
}

/** Tells of two fingers that move on an element. */
export function listenForPinch(element: HTMLElement, onPinch: (pinch: Pinch) => void): void {
  const fingers = new Map<number, readonly [number, number]>();
  const shape = () => {
    const [[ax, ay], [bx, by]] = [...fingers.values()] as [[number, number], [number, number]];
    return {
      apart: Math.max(1, Math.hypot(bx - ax, by - ay)),
      middle: [(ax + bx) / 2, (ay + by) / 2] as const,
    };
  };
  const onPress = (press: PointerEvent) => {
    if (press.pointerType !== 'touch') return;
    const { pointerId } = press;
    fingers.set(pointerId, [press.clientX, press.clientY]);
    const gone = () => fingers.delete(pointerId);
    followPointer(press, {
      move: ({ clientX, clientY }) => {
        const before = fingers.size === 2 ? shape() : null;
        fingers.set(pointerId, [clientX, clientY]);
        if (before === null) return;
        const { apart, middle } = shape();
        const by = [middle[0] - before.middle[0], middle[1] - before.middle[1]] as const;
        onPinch({ factor: apart / before.apart, middle, by });
      },
      up: gone,
      cancel: gone,
    });
  };
  // Before handles in it, which keep the press to themselves.
  element.addEventListener('pointerdown', onPress, { capture: true });
}
