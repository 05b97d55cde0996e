/** The list of what is unlikely to be right; each line goes to its box. */
import type { WorkChecks, WorkFinding } from '../checks/index.ts';
import { byId, h } from '../dom/index.ts';
import { labelsOf } from '../model/index.ts';
import type { FramePoints, PageState, Session } from '../session/index.ts';

export interface ChecksPanelOptions {
  readonly session: Session;
  readonly checks: WorkChecks;
  /** The points of the open frame; null while some are on their way. */
  readonly points: () => FramePoints | null;
}

/** After a change the checks run again, milliseconds. */
const CHECK_AFTER_MS = 400;

export function checksPanel({ session, checks, points }: ChecksPanelOptions) {
  const root = byId('checks');
  const list = byId('checks-list');
  let isWaiting = false;
  let last: readonly WorkFinding[] = [];

  const show = (found: readonly WorkFinding[]) => {
    last = found;
    byId('checks-count').textContent =
      found.length === 0 ? 'Nothing to look at.' : `${found.length} to look at`;
    list.replaceChildren(
      ...found.map(({ frame, id, text }) => {
        const go = () => {
          session.openFrame(frame, id);
          session.store.set({ object: id });
        };
        return h('li', {}, h('button', { class: 'finding', onclick: go }, h('span', {}, frame), ` ${text}`));
      }),
    );
  };

  /** False while points of the open frame are on their way. */
  const look = (): boolean => {
    const { work, frame } = session.state;
    const loaded = points();
    if (frame === null || loaded === null) return false;
    checks.look(labelsOf(work, frame), loaded);
    return true;
  };
  const check = async () => {
    isWaiting = false;
    const { work, frames, frame, isChecking } = session.state;
    if (!isChecking || frame === null) return;
    if (!look()) again();
    const found = await checks.find(work, frames, frame);
    if (JSON.stringify(found) !== JSON.stringify(last) || byId('checks-count').textContent === '')
      show(found);
  };
  const again = () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => void check(), CHECK_AFTER_MS);
  };

  return (state: PageState, before: PageState): void => {
    root.hidden = !state.isChecking;
    byId('check').setAttribute('aria-pressed', String(state.isChecking));
    if (!state.isChecking) return;
    // The points of this frame are still there; those of the next one soon take their place.
    if (state.opening !== null && before.opening === null) look();
    if (state.work !== before.work || state.frame !== before.frame || !before.isChecking) again();
  };
}
