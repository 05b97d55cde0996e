import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBoxFrame } from '../../../inference/boxes/index.ts';
import { anyBox } from '../testing/index.ts';
import { KEY_STEP, keyEdit } from './key-edit.ts';

describe('keys that edit a box', () => {
  it.each([
    ['top', 'moveUp', [KEY_STEP.move, 0, 0]],
    ['top', 'moveLeft', [0, KEY_STEP.move, 0]],
    ['side', 'moveRight', [KEY_STEP.move, 0, 0]],
    ['rear', 'moveRight', [0, -KEY_STEP.move, 0]],
    ['rear', 'moveDown', [0, 0, -KEY_STEP.move]],
    ['top', 'raise', [0, 0, KEY_STEP.resize]],
  ] as const)('in the view %s %s moves it', (view, action, own) => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const { box: after, what } = keyEdit(box, view, action)!;
        expect(what).toBe('move');
        for (const [k, value] of toBoxFrame(box, after.center).entries())
          expect(value).toBeCloseTo(own[k]!, 6);
        expect([after.size, after.yaw]).toEqual([box.size, box.yaw]);
      }),
    );
  });

  it('grow and cut one face, turn, flip; others need more than the box', () => {
    const box = { center: [1, 2, 3], size: [4, 2, 1.5], yaw: 0 } as const;
    expect(keyEdit(box, 'top', 'growUp')!.box.size[0]).toBeCloseTo(4.05, 9);
    expect(keyEdit(box, 'top', 'growUp')!.box.center[0]).toBeCloseTo(1.025, 9);
    expect(keyEdit(box, 'side', 'cutDown')!.box.size[2]).toBeCloseTo(1.45, 9);
    expect(keyEdit(box, 'top', 'turnLeft')).toEqual({ box: { ...box, yaw: KEY_STEP.turn }, what: 'turn' });
    expect(keyEdit(box, 'top', 'turnRight')!.box.yaw).toBeCloseTo(-KEY_STEP.turn, 9);
    expect(Math.abs(keyEdit(box, 'top', 'flip')!.box.yaw)).toBeCloseTo(Math.PI, 9);
    for (const action of ['shrink', 'fitAgain', 'remove', 'undo'])
      expect(keyEdit(box, 'top', action)).toBeNull();
  });
});
