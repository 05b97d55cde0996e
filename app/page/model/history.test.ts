import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLabel } from '../testing/index.ts';
import { changesBetween, withChanges } from './changes.ts';
import { History } from './history.ts';
import { EMPTY_WORK, NO_LABELS, type Work } from './label.ts';
import { addLabel, editBox, removeLabel, setDone, setKept, updateLabel } from './work.ts';

const label = fc.sample(anyLabel, { numRuns: 1, seed: 1 })[0]!;

/** A random change of the work, in one of two frames. */
const anyAct = fc.tuple(
  fc.constantFrom('add', 'edit', 'class', 'remove', 'done'),
  fc.constantFrom('f', 'g'),
  fc.nat(5),
);

function act(work: Work, [what, frame, pick]: [string, string, number]): Work {
  const labels = (work.frames[frame] ?? NO_LABELS).labels;
  const id = labels[pick % Math.max(1, labels.length)]?.id;
  if (what === 'done') return setDone(work, frame, work.frames[frame]?.isDone !== true);
  if (what === 'add' || id === undefined) return addLabel(work, frame, label).work;
  if (what === 'edit') return editBox(work, frame, id, { ...label.box, yaw: pick });
  if (what === 'class') return updateLabel(work, frame, id, { class: pick % 2 ? 'van' : 'bus' });
  return removeLabel(work, frame, id);
}

describe('History', () => {
  it('walks back and forth through every step', () => {
    fc.assert(
      fc.property(fc.array(anyAct, { minLength: 1, maxLength: 30 }), (acts) => {
        const history = new History();
        const states = [EMPTY_WORK];
        for (const one of acts) {
          const before = states.at(-1)!;
          const after = act(before, one);
          history.record({ what: one[0], frame: one[1], changes: changesBetween(before, after) });
          states.push(after);
        }
        const boxes = (work: Work) =>
          ['f', 'g'].map((frame) => [work.frames[frame]?.labels ?? [], work.frames[frame]?.isDone ?? false]);
        let work = states.at(-1)!;
        for (const state of states.slice(0, -1).reverse()) {
          work = withChanges(work, history.undo()!.changes, 'before').work;
          expect(boxes(work)).toEqual(boxes(state));
        }
        expect(history.canUndo).toBe(false);
        for (const state of states.slice(1)) {
          work = withChanges(work, history.redo()!.changes, 'after').work;
          expect(boxes(work)).toEqual(boxes(state));
        }
        expect(history.canRedo).toBe(false);
      }),
    );
  });

  it('makes one step of a gesture', () => {
    const history = new History();
    let work = addLabel(EMPTY_WORK, 'f', label).work;
    const first = work;
    const turn = (yaw: number, merge: string) => {
      const after = editBox(work, 'f', '1', { ...label.box, yaw });
      history.record({ what: 'turn', frame: 'f', changes: changesBetween(work, after) }, merge);
      work = after;
    };
    for (const yaw of [0.1, 0.2, 0.3]) turn(yaw, 'drag 1');
    const afterFirst = work;
    turn(0.4, 'drag 2');
    work = withChanges(work, history.undo()!.changes, 'before').work;
    expect(work.frames.f).toEqual(afterFirst.frames.f);
    work = withChanges(work, history.undo()!.changes, 'before').work;
    expect(work.frames.f).toEqual(first.frames.f);
    expect(history.undo()).toBeUndefined();
  });

  it('begins a new step after seal, and forgets beyond its limit', () => {
    const history = new History(3);
    const step = { what: 'turn', frame: 'f', changes: [] };
    history.record(step, 'x');
    history.seal();
    for (let i = 0; i < 9; i++) history.record(step);
    let steps = 0;
    while (history.undo() !== undefined) steps += 1;
    expect(steps).toBe(3);
  });

  it('survives a reload as text', () => {
    const history = new History();
    const before = addLabel(EMPTY_WORK, 'f', label).work;
    const after = editBox(before, 'f', '1', { ...label.box, yaw: 1 });
    history.record({ what: 'turn', frame: 'f', changes: changesBetween(before, after) });
    const next = new History();
    next.restore(JSON.parse(JSON.stringify(history.save())));
    const loaded = JSON.parse(JSON.stringify(after)) as Work;
    expect(withChanges(loaded, next.undo()!.changes, 'before').work.frames.f!.labels).toEqual(
      before.frames.f!.labels,
    );
  });

  it('takes back what came with an import, field by field', () => {
    const before: Work = { frames: { f: { ...NO_LABELS, kept: { reviewer: 'a', imported: 1 } } }, nextId: 1 };
    const after = setKept(setKept(before, 'f', 'imported', { raw: 2 }), 'f', 'pose', [0, 0]);
    const changes = changesBetween(before, after);
    const others = setKept(after, 'f', 'reviewer', 'b');
    const { work, skipped } = withChanges(others, changes, 'before');
    expect(skipped).toBe(0);
    expect(work.frames.f!.kept).toEqual({ reviewer: 'b', imported: 1 });
    expect(withChanges(work, changes, 'after').work.frames.f!.kept).toEqual(others.frames.f!.kept);
  });

  it('leaves alone what somebody else has changed since', () => {
    const before = addLabel(addLabel(EMPTY_WORK, 'f', label).work, 'f', label).work;
    const mine = editBox(editBox(before, 'f', '1', { ...label.box, yaw: 1 }), 'f', '2', {
      ...label.box,
      yaw: 1,
    });
    const theirs = editBox(mine, 'f', '1', { ...label.box, yaw: 2 });
    const { work, skipped } = withChanges(theirs, changesBetween(before, mine), 'before');
    expect(skipped).toBe(1);
    expect(work.frames.f!.labels.map(({ box }) => box.yaw)).toEqual([2, label.box.yaw]);
  });
});
