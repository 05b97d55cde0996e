import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideTest, toBoxFrame } from '../../../inference/boxes/index.ts';
import { movedOwn } from '../boxes/index.ts';
import { anyBox } from '../testing/index.ts';
import {
  angleAt,
  gripAt,
  KNOB_PIXELS,
  knobPixel,
  outlineIn,
  PANES,
  pictureScale,
  toPane,
} from './side-picture.ts';

const [top, side, rear] = PANES as [(typeof PANES)[0], (typeof PANES)[0], (typeof PANES)[0]];
const car = { center: [10, 5, 1], size: [4, 2, 1.5], yaw: 0.7 } as const;

describe('the small pictures of a box', () => {
  it('show all of it, in every pane', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const scale = pictureScale(box.size);
        for (const pane of PANES)
          for (const [x, y] of outlineIn(pane, box, box, scale)) {
            expect(x).toBeGreaterThanOrEqual(pane.left);
            expect(x).toBeLessThanOrEqual(pane.left + pane.width);
            expect(y).toBeGreaterThanOrEqual(pane.top);
            expect(y).toBeLessThanOrEqual(pane.top + pane.height);
          }
      }),
    );
  });

  it('have the heading up from above, to the right from the side, and left on the left', () => {
    const scale = pictureScale(car.size);
    const pixel = (pane: typeof top, along: number, left: number, up: number) =>
      toPane(pane, car.size, toBoxFrame(car, movedOwn(car, [along, left, up]).center), scale);
    const middle = pixel(top, 0, 0, 0);
    expect(middle.y - pixel(top, 1, 0, 0).y).toBeCloseTo(scale, 6);
    expect(middle.x - pixel(top, 0, 1, 0).x).toBeCloseTo(scale, 6);
    expect(pixel(side, 1, 0, 0).x - pixel(side, 0, 0, 0).x).toBeCloseTo(scale, 6);
    expect(pixel(rear, 0, 0, 0).x - pixel(rear, 0, 1, 0).x).toBeCloseTo(scale, 6);
    expect(pixel(rear, 0, 0, 0).y - pixel(rear, 0, 0, 1).y).toBeCloseTo(scale, 6);
    expect(pixel(rear, 2.5, 0, 0).isSeen).toBe(true);
    expect(pixel(rear, 2.7, 0, 0).isSeen).toBe(false);
  });

  it('are taken hold of at the body, at edges and at corners', () => {
    const scale = pictureScale(car.size);
    const [, , topRight] = outlineIn(top, car, car, scale);
    const [middleX, middleY] = [top.left + top.width / 2, top.top + top.height / 2];
    const grip = (x: number, y: number) => gripAt(car.size, [x, y], scale)?.grip;
    expect(grip(middleX, middleY)).toEqual({ right: 0, up: 0 });
    expect(grip(topRight![0], middleY)).toEqual({ right: 1, up: 0 });
    expect(grip(middleX, topRight![1])).toEqual({ right: 0, up: 1 });
    expect(grip(...(topRight as [number, number]))).toEqual({ right: 1, up: 1 });
    expect(grip(topRight![0] + 6, middleY)).toBeUndefined();
    expect(gripAt(car.size, [side.left + side.width / 2, side.height / 2], scale)!.pane).toBe(side);
    expect(gripAt(car.size, [-1, 0], scale)).toBeNull();
  });

  it('are turned by the knob in front of the box', () => {
    const scale = pictureScale(car.size);
    const [x, y] = knobPixel(top, car.size, scale);
    const front = top.top + top.height / 2 - (car.size[0] / 2) * scale;
    expect(front - y).toBeCloseTo(KNOB_PIXELS.off, 6);
    expect(gripAt(car.size, [x, y], scale)!.grip).toBe('turn');
    expect(gripAt(car.size, [x, front], scale)!.grip).toEqual({ right: 0, up: 1 });
    expect(angleAt(top, [x, y])).toBeCloseTo(0, 9);
    expect(angleAt(top, [x - 10, top.top + top.height / 2])).toBeCloseTo(Math.PI / 2, 9);
    const inSide = [side.left + side.width / 2, knobPixel(side, car.size, scale)[1]] as const;
    expect(gripAt(car.size, inSide, scale)?.grip).not.toBe('turn');
  });

  it('leave a body to move in boxes of a few pixels', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const scale = pictureScale([40, 40, 40]);
        for (const { left, top: y, width, height } of PANES)
          expect(gripAt(box.size, [left + width / 2, y + height / 2], scale)!.grip).toEqual({
            right: 0,
            up: 0,
          });
        expect(insideTest(box)(...box.center)).toBe(true);
      }),
    );
  });
});
