/** Says whether the work is saved, and where. */
import { byId } from '../dom/index.ts';
import type { SaveState } from '../session/index.ts';

export function savePanel() {
  const place = byId('saved');
  return (state: SaveState): void => {
    const text = saveText(state);
    if (place.textContent !== text) place.textContent = text;
    place.dataset.status = state.status;
    place.title = state.detail ?? text;
  };
}

function saveText({ status, where, unsent, detail }: SaveState): string {
  const frames = unsent === 1 ? '1 frame' : `${unsent} frames`;
  switch (status) {
    case 'saved':
      return where === 'storage' ? 'Saved' : 'Saved in this browser';
    case 'saving':
      return 'Saving…';
    case 'offline':
      return `Offline: ${frames} kept in this browser, sent later`;
    case 'failed':
      return `Not saved: ${detail}`;
  }
}
