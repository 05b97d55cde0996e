/** The job, with tracks and without. */
import type { TestApi } from '../../../app/page/index.ts';
import type { LabelledObject } from '../../../app/page/testing/browser/index.ts';
import { iou3d } from '../../../inference/boxes/index.ts';
import type { Annotator } from './annotator.ts';
import { type JobFrame, RIGHT_IOU, scoredBoxes } from './right-boxes.ts';

declare const nearbox: TestApi;

/** So many boxes of one object are corrected at most. */
const MOST_CORRECTIONS = 6;

/**
 * Clicks the objects of the first frame and accepts their boxes; boxes that are wrong are typed over, which
 * says that they are right. Returns the boxes' ids.
 */
export async function drawFirstFrame(
  annotator: Annotator,
  objects: readonly LabelledObject[],
): Promise<Map<string, string>> {
  const idOf = new Map<string, string>();
  for (const object of objects) {
    const id = await annotator.click(object);
    if (id === undefined) continue;
    idOf.set(object.id!, id);
    const { box } = await annotator.on.label(id);
    if (iou3d(box, object) < RIGHT_IOU) await annotator.typeOver(object);
    else await annotator.press('Space');
  }
  return idOf;
}

/** One key for all objects. */
export async function carryAll(annotator: Annotator): Promise<void> {
  const begun = await annotator.on.tracksBegun();
  await annotator.press('Shift+I');
  await annotator.on.tracked(begun);
}

/**
 * As by hand: all boxes are copied to the next frame, and there each is fitted again and accepted. A box that
 * is wrong then is typed over.
 */
export async function carryByHand(
  annotator: Annotator,
  frames: readonly JobFrame[],
  to: number,
  idOf: ReadonlyMap<string, string>,
): Promise<void> {
  const { on } = annotator;
  await annotator.press('Shift+Y');
  await on.isOpen(frames[to]!.id);
  const truths = new Map(frames[to]!.objects.map((object) => [idOf.get(object.id!), object]));
  for (let k = 0; k < (await on.labels()).length; k++) {
    await annotator.press('n');
    await annotator.press('f');
    await on.until(() => nearbox.state.pending.length === 0);
    const { selected } = await on.state();
    const truth = truths.get(selected ?? undefined);
    const { box } = await on.label(selected!);
    if (truth !== undefined && iou3d(box, truth) < RIGHT_IOU) await annotator.typeOver(truth);
    await annotator.press('Space');
  }
}

/**
 * Goes to the worst wrong box of each object and types the label over it, which fits the track again, until
 * all are right; then accepts the tracks.
 */
export async function correctTracks(
  annotator: Annotator,
  frames: readonly JobFrame[],
  idOf: ReadonlyMap<string, string>,
): Promise<void> {
  const names = frames.map(({ id }) => id);
  for (const [own, id] of idOf) {
    const objects = new Map([[own, id]]);
    for (let k = 0; k < MOST_CORRECTIONS; k++) {
      const boxes = await scoredBoxes(annotator.on, frames, objects);
      const worst = boxes.filter(({ iou }) => iou < RIGHT_IOU).sort((a, b) => a.iou - b.iou)[0];
      if (worst === undefined) break;
      await annotator.openCell(id, names, worst.frame);
      if ((await annotator.on.state()).selected !== id) break;
      await annotator.typeOver(worst.truth);
    }
    if ((await annotator.on.state()).selected !== id)
      await annotator.on.page.locator(`.track-name[data-id="${id}"]`).click();
    annotator.effort.clicks += 1;
    await annotator.press('Shift+Space');
  }
}
