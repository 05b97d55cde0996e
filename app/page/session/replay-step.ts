/** Undo and redo of a step, in whatever frame it was made. */
import type { UndoStep } from '../model/index.ts';
import type { Message, Store } from './state.ts';

/** What is replayed on. */
interface Replaying {
  readonly store: Store;
  openFrame(frame: string, select: string | null): void;
  /** Puts changes back as they were before or after a step. Returns how many others have changed since. */
  replay(changes: UndoStep['changes'], to: 'before' | 'after'): number;
  say(text: string, tone?: Message['tone']): void;
}

/**
 * Takes a step back (`before`), or makes it again (`after`). After a reload the labels of its frames may not
 * be here yet: `prepareFrame` resolves when they are.
 */
export function replayStep(
  session: Replaying,
  step: UndoStep,
  to: 'before' | 'after',
  prepareFrame: (frame: string) => Promise<void>,
): void {
  const { frames } = session.store.state.work;
  const unknown = [...new Set(step.changes.map(({ frame }) => frame))].filter(
    (frame) => frames[frame] === undefined,
  );
  if (unknown.length === 0) {
    replayHere(session, step, to);
    return;
  }
  Promise.all(unknown.map((frame) => prepareFrame(frame))).then(
    () => replayHere(session, step, to),
    (error: unknown) =>
      session.say(`Not undone. ${error instanceof Error ? error.message : String(error)}`, 'error'),
  );
}

function replayHere(session: Replaying, { changes, frame, what }: UndoStep, to: 'before' | 'after'): void {
  const said = to === 'before' ? `Undone: ${what}.` : `Done again: ${what}.`;
  const last = changes.findLast(
    (change) => change.kind === 'label' && change.frame === frame && change[to] !== null,
  );
  const selected = last?.kind === 'label' && changes.length === 1 ? last.id : null;
  const skipped = session.replay(changes, to);
  if (frame === session.store.state.frame) session.store.set({ selected });
  else if (frame !== null) session.openFrame(frame, selected);
  if (skipped === 0) session.say(said);
  else
    session.say(
      `${said} ${skipped === 1 ? '1 box is' : `${skipped} boxes are`} changed since by somebody else and left as is.`,
      'warn',
    );
}
