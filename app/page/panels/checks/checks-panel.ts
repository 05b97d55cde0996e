/** The list of what is unlikely to be right; each line goes to its box. */
import type { WorkChecks, WorkFinding } from '../../checks/index.ts';
import { byId, h } from '../../dom/index.ts';
import type { PageState, Session } from '../../session/index.ts';

export interface ChecksPanelOptions {
  readonly session: Session;
  readonly checks: WorkChecks;
}

/** After a change the checks run again, milliseconds. */
const CHECK_AFTER_MS = 400;
/** Points that the server did not come to are asked for again, milliseconds. */
const BUSY_MS = 5000;

export function checksPanel({ session, checks }: ChecksPanelOptions) {
  const root = byId('checks');
  const list = byId('checks-list');
  let isWaiting = false;
  let looking: AbortController | null = null;
  let last: readonly WorkFinding[] | null = null;

  const show = (found: readonly WorkFinding[], open: number) => {
    const { isServerReachable } = session.state;
    byId('checks-count').textContent =
      found.length > 0
        ? `${found.length} to look at`
        : open > 0
          ? 'Nothing to look at so far.'
          : 'Nothing to look at.';
    const frames = open === 1 ? 'one frame' : `${open} frames`;
    byId('checks-open').textContent =
      open === 0
        ? ''
        : isServerReachable
          ? `The points of ${frames} are being looked at.`
          : `The server cannot be reached: the points of ${frames} were not looked at.`;
    if (JSON.stringify(found) === JSON.stringify(last)) return;
    last = found;
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

  const openFrames = () => {
    const { work, frames, frame, isChecking } = session.state;
    return isChecking && frame !== null ? checks.open(work, frames, frame) : [];
  };
  /** Looks at the points of all boxes, frame by frame, as long as the list is shown. */
  const look = async () => {
    if (looking !== null) return;
    const own = new AbortController();
    looking = own;
    try {
      for (let [next] = openFrames(); next !== undefined; [next] = openFrames()) {
        await checks.look(session.state.work, next, own.signal);
        again();
      }
    } catch {
      // The list was closed, or the server is away: it goes on when that changes.
      // Or the server has too much to do.
      if (!own.signal.aborted && session.state.isServerReachable) setTimeout(again, BUSY_MS);
    } finally {
      looking = null;
    }
  };
  const check = async () => {
    isWaiting = false;
    const { work, frames, frame, isChecking } = session.state;
    if (!isChecking || frame === null) return;
    void look();
    show(await checks.find(work, frames, frame), openFrames().length);
  };
  const again = () => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => void check(), CHECK_AFTER_MS);
  };

  return (state: PageState, before: PageState): void => {
    root.hidden = !state.isChecking;
    byId('check').setAttribute('aria-pressed', String(state.isChecking));
    if (!state.isChecking) {
      looking?.abort(new DOMException('closed', 'AbortError'));
      return;
    }
    if (
      state.work !== before.work ||
      state.frame !== before.frame ||
      state.isServerReachable !== before.isServerReachable ||
      !before.isChecking
    )
      again();
  };
}
