/**
 * A careful annotator teaches the page how the project draws; a second annotator's pass over another
 * sequence: boxes by clicks, with what was taught and without.
 */
import type { TestApi } from '../../../app/page/index.ts';
import type { LabelledObject } from '../../../app/page/testing/browser/index.ts';
import { iou3d } from '../../../inference/boxes/index.ts';
import type { Annotator } from './annotator.ts';
import { correctionsOf, RIGHT_IOU } from './right-boxes.ts';

declare const nearbox: TestApi;

interface Pass {
  boxes: number;
  corrections: number;
  right: number;
}

interface SecondPass {
  readonly on: Pass;
  readonly off: Pass;
}

/**
 * Boxes the objects, typing each box over of which a face is off. Waits until the page has learnt from these.
 */
export async function teach(annotator: Annotator, objects: readonly LabelledObject[]): Promise<void> {
  for (const object of objects) {
    const id = await annotator.click(object);
    if (id === undefined) continue;
    const { box } = await annotator.on.label(id);
    if (correctionsOf(box, object) > 0) await annotator.typeOver(object);
    await annotator.press('Space');
  }
  const taught = annotator.effort.typed;
  await annotator.on.page.waitForFunction(
    (count) => Object.values(nearbox.state.learnt?.counts ?? {}).reduce((sum, n) => sum + n, 0) >= count,
    taught,
    { polling: 100, timeout: 120_000 },
  );
}

/**
 * Each object is clicked twice, with the profile and without it, in alternating order; both boxes are
 * deleted.
 */
export async function secondPass(
  annotator: Annotator,
  objects: readonly LabelledObject[],
): Promise<SecondPass> {
  const passes = { on: emptyPass(), off: emptyPass() };
  for (const [index, object] of objects.entries()) {
    const found: { readonly which: 'on' | 'off'; readonly corrections: number; readonly iou: number }[] = [];
    for (const which of index % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
      const usesProfile = await annotator.on.page.evaluate(() => nearbox.state.usesProfile);
      if (usesProfile !== (which === 'on')) await annotator.press('Shift+J');
      const id = await annotator.click(object);
      if (id === undefined) continue;
      const { box } = await annotator.on.label(id);
      found.push({ which, corrections: correctionsOf(box, object), iou: iou3d(box, object) });
      await annotator.press('Delete');
    }
    // Objects that one of the two did not find are left out of both.
    if (found.length < 2) continue;
    for (const { which, corrections, iou } of found) {
      passes[which].boxes += 1;
      passes[which].corrections += corrections;
      if (iou >= RIGHT_IOU) passes[which].right += 1;
    }
  }
  return passes;
}

export function passText({ boxes, corrections, right }: Pass): string {
  return `${(corrections / boxes).toFixed(2)} corrections a box, ${right} of ${boxes} boxes at IoU ${RIGHT_IOU} and more`;
}

function emptyPass(): Pass {
  return { boxes: 0, corrections: 0, right: 0 };
}
