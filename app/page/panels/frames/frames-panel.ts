/** The frames: a list and a slider, with the state and the number of boxes of each. */
import { byId, h } from '../../dom/index.ts';
import { frameOf } from '../../model/index.ts';
import { isOfOtherVersion, type PageState } from '../../session/index.ts';

interface FrameCounts {
  readonly isDone: boolean;
  readonly accepted: number;
  readonly total: number;
}

export function framesPanel(open: (frame: string) => void) {
  const list = byId('frame-list');
  const slider = byId<HTMLInputElement>('frame-slider');
  const done = byId('done');
  const tally = byId('frame-tally');
  const showTitle = titleOf(byId('frame-title'));
  let shown: readonly string[] = [];
  const buttons = new Map<string, HTMLElement>();
  let before: Pick<PageState, 'work' | 'summaries' | 'cloudVersions' | 'frame'> | null = null;
  let current: HTMLElement | undefined;
  slider.addEventListener('input', () => {
    const frame = shown[Number(slider.value)];
    if (frame !== undefined) open(frame);
  });

  const rebuild = (frames: readonly string[]) => {
    shown = frames;
    before = null;
    buttons.clear();
    slider.max = String(Math.max(0, frames.length - 1));
    slider.disabled = frames.length < 2;
    for (const frame of frames) {
      const attributes = { class: 'frame', 'data-frame': frame, title: frame, onclick: () => open(frame) };
      const name = h('span', { class: 'name' }, shortName(frame));
      const version = h('span', { class: 'other-version', title: 'Boxes of another version of the cloud' });
      buttons.set(frame, h('button', attributes, name, version, h('span', { class: 'count' })));
    }
    list.replaceChildren(...[...buttons.values()].map((button) => h('li', {}, button)));
  };

  return (state: PageState) => {
    const { frames, frame, opening, work, summaries } = state;
    if (frames !== shown) rebuild(frames);
    showTitle(state);
    const index = frames.indexOf(opening?.frame ?? frame ?? '');
    if (slider.value !== String(index)) slider.value = String(Math.max(0, index));
    slider.setAttribute('aria-valuetext', opening?.frame ?? frame ?? '');
    const opened = buttons.get(frame ?? '');
    if (opened !== current) {
      current?.removeAttribute('aria-current');
      opened?.setAttribute('aria-current', 'true');
      opened?.scrollIntoView({ block: 'nearest' });
      current = opened;
    }
    done.setAttribute('aria-pressed', String(frame !== null && frameOf(work, frame).isDone));
    const { cloudVersions } = state;
    const was = before;
    const isSame = (key: 'summaries' | 'cloudVersions' | 'frame') => was?.[key] === state[key];
    if (was?.work.frames === work.frames && isSame('summaries') && isSame('cloudVersions') && isSame('frame'))
      return;
    // Only frames whose labels have changed: there may be thousands.
    const all = new Set([...Object.keys(summaries), ...Object.keys(work.frames)]);
    const hasChanged = (id: string) =>
      !isSame('summaries') ||
      was?.work.frames[id] !== work.frames[id] ||
      was?.cloudVersions[id] !== cloudVersions[id] ||
      id === frame ||
      id === was?.frame;
    for (const id of all)
      if (hasChanged(id)) {
        showCount(buttons.get(id), summaryOf(state, id));
        showVersion(buttons.get(id), isOfOtherVersion(state, id));
      }
    before = { work, summaries, cloudVersions, frame };
    const finished = frames.filter((id) => summaryOf(state, id)?.isDone).length;
    tally.textContent = finished === 0 ? '' : `${finished} of ${frames.length} done`;
  };
}

/** What is known of a frame's labels: of this tab, else what the storage's list says. */
function summaryOf({ work, summaries }: PageState, frame: string): FrameCounts | undefined {
  const own = work.frames[frame];
  if (own === undefined) return summaries[frame];
  const accepted = own.labels.filter(({ state }) => state === 'accepted').length;
  return { isDone: own.isDone, accepted, total: own.labels.length };
}

/** The open frame, and the one that is on its way. */
function titleOf(title: HTMLElement) {
  return ({ frame, frames, opening }: PageState): void => {
    const open = frame === null ? '' : `${frame} (${frames.indexOf(frame) + 1} of ${frames.length})`;
    const next =
      opening === null
        ? ''
        : opening.problem === null
          ? `opening ${opening.frame} …`
          : `opening ${opening.frame}: ${opening.problem} Trying again.`;
    const text = [open, next].filter((part) => part !== '').join(' · ');
    if (title.textContent !== text) title.textContent = text;
    title.classList.toggle('opening', opening !== null);
    title.title = text;
  };
}

/** `2/3`: accepted boxes of all; a tick for a frame that is done. */
function showCount(button: HTMLElement | undefined, summary: FrameCounts | undefined): void {
  const count = button?.querySelector('.count');
  if (!button || !count) return;
  const { isDone, accepted, total } = summary ?? { isDone: false, accepted: 0, total: 0 };
  const numbers = total === 0 ? '' : accepted === total ? `${accepted}` : `${accepted}/${total}`;
  count.textContent = isDone ? `${numbers} ✓` : numbers;
  const said = total === 0 ? [] : [`${accepted} of ${total} accepted`];
  count.setAttribute('aria-label', [...said, ...(isDone ? ['done'] : [])].join(', '));
  button.classList.toggle('done', isDone);
}

function showVersion(button: HTMLElement | undefined, isOther: boolean): void {
  const mark = button?.querySelector('.other-version');
  if (mark) mark.textContent = isOther ? 'other version' : '';
}

function shortName(frame: string): string {
  const parts = frame.split('/');
  return parts.length > 1 ? `…/${parts.at(-1)}` : frame;
}
