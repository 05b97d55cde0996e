/** Warns of boxes that were made for another version of the cloud than the one that is shown. */
import { byId } from '../../dom/index.ts';
import { frameOf } from '../../model/index.ts';
import type { Session } from '../../session/index.ts';

export function versionWarning(session: Session) {
  const place = byId('version-warning');
  const text = byId('version-text');
  return (): void => {
    const { frame, cloudVersion, work } = session.state;
    place.hidden = !session.isOfAnotherVersion;
    if (frame === null || place.hidden) return;
    const { labels, cloudVersion: madeFor } = frameOf(work, frame);
    const boxes =
      labels.length === 0
        ? 'This frame was marked as done, and that was'
        : labels.length === 1
          ? 'This box was'
          : `These ${labels.length} boxes were`;
    text.textContent = `${boxes} made for another version of ${frame} (${madeFor ?? 'unknown'}, now ${cloudVersion}).`;
  };
}
