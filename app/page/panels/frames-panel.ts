/** The frames: a list and a slider, with the number of boxes in each. */
import { type Label, labelsOf } from '../model/label.ts';
import type { PageState } from '../session/state.ts';
import { byId, h } from './dom.ts';

export function framesPanel(open: (frame: string) => void) {
  const list = byId('frame-list');
  const slider = byId<HTMLInputElement>('frame-slider');
  const title = byId('frame-title');
  let shown: readonly string[] = [];
  const buttons = new Map<string, HTMLElement>();
  let counted: PageState['work']['frames'] = {};
  let current: HTMLElement | undefined;
  slider.addEventListener('input', () => {
    const frame = shown[Number(slider.value)];
    if (frame !== undefined) open(frame);
  });

  const rebuild = (frames: readonly string[]) => {
    shown = frames;
    counted = {};
    buttons.clear();
    slider.max = String(Math.max(0, frames.length - 1));
    slider.disabled = frames.length < 2;
    for (const frame of frames) {
      const attributes = { class: 'frame', 'data-frame': frame, title: frame, onclick: () => open(frame) };
      const name = h('span', { class: 'name' }, shortName(frame));
      buttons.set(frame, h('button', attributes, name, h('span', { class: 'count' })));
    }
    list.replaceChildren(...[...buttons.values()].map((button) => h('li', {}, button)));
  };

  return ({ frames, frame, work }: PageState) => {
    if (frames !== shown) rebuild(frames);
    const index = frames.indexOf(frame ?? '');
    if (slider.value !== String(index)) slider.value = String(Math.max(0, index));
    slider.setAttribute('aria-valuetext', frame ?? '');
    title.textContent = frame === null ? '' : `${frame} (${index + 1} of ${frames.length})`;
    const opened = buttons.get(frame ?? '');
    if (opened !== current) {
      current?.removeAttribute('aria-current');
      opened?.setAttribute('aria-current', 'true');
      opened?.scrollIntoView({ block: 'nearest' });
      current = opened;
    }
    // Only frames whose boxes have changed: there may be thousands.
    for (const id of new Set([...Object.keys(counted), ...Object.keys(work.frames)]))
      if (counted[id] !== work.frames[id]) showCount(buttons.get(id), labelsOf(work, id));
    counted = work.frames;
  };
}

/** `2/3`: accepted boxes of all. */
function showCount(button: HTMLElement | undefined, labels: readonly Label[]): void {
  const count = button?.querySelector('.count');
  if (!count) return;
  const accepted = labels.filter(({ state }) => state === 'accepted').length;
  const isDone = accepted === labels.length;
  count.textContent = labels.length === 0 ? '' : isDone ? `${accepted}` : `${accepted}/${labels.length}`;
  count.setAttribute('aria-label', labels.length === 0 ? '' : `${accepted} of ${labels.length} accepted`);
}

function shortName(frame: string): string {
  const parts = frame.split('/');
  return parts.length > 1 ? `…/${parts.at(-1)}` : frame;
}
