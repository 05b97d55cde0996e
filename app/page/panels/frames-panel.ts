/** The frames: a list and a slider, with the number of boxes in each. */
import { labelsOf } from '../model/label.ts';
import type { PageState } from '../session/state.ts';
import { byId, h } from './dom.ts';

export function framesPanel(open: (frame: string) => void) {
  const list = byId('frame-list');
  const slider = byId<HTMLInputElement>('frame-slider');
  const title = byId('frame-title');
  let shown: readonly string[] = [];
  slider.addEventListener('input', () => {
    const frame = shown[Number(slider.value)];
    if (frame !== undefined) open(frame);
  });

  const rebuild = (frames: readonly string[]) => {
    shown = frames;
    slider.max = String(Math.max(0, frames.length - 1));
    slider.disabled = frames.length < 2;
    list.replaceChildren(
      ...frames.map((frame) =>
        h(
          'li',
          {},
          h(
            'button',
            { class: 'frame', 'data-frame': frame, title: frame, onclick: () => open(frame) },
            h('span', { class: 'name' }, shortName(frame)),
            h('span', { class: 'count' }),
          ),
        ),
      ),
    );
  };

  return (state: PageState) => {
    if (state.frames !== shown) rebuild(state.frames);
    const index = state.frames.indexOf(state.frame ?? '');
    if (slider.value !== String(index)) slider.value = String(Math.max(0, index));
    slider.setAttribute('aria-valuetext', state.frame ?? '');
    title.textContent = state.frame === null ? '' : `${state.frame} (${index + 1} of ${state.frames.length})`;
    for (const button of list.querySelectorAll<HTMLElement>('button.frame')) {
      const frame = button.dataset.frame!;
      const isOpen = frame === state.frame;
      if (isOpen && button.getAttribute('aria-current') !== 'true')
        button.scrollIntoView({ block: 'nearest' });
      button.setAttribute('aria-current', String(isOpen));
      const labels = labelsOf(state.work, frame);
      const accepted = labels.filter((label) => label.state === 'accepted').length;
      const count = button.querySelector('.count')!;
      const text =
        labels.length === 0
          ? ''
          : accepted === labels.length
            ? `${accepted}`
            : `${accepted}/${labels.length}`;
      if (count.textContent !== text) count.textContent = text;
    }
  };
}

function shortName(frame: string): string {
  const parts = frame.split('/');
  return parts.length > 1 ? `…/${parts.at(-1)}` : frame;
}
