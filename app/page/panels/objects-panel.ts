/** The boxes of the open frame as a list: what is what, how sure, whether accepted. */
import { CLASS_STYLES } from '../model/classes.ts';
import { isUnsure, type Label, labelsOf } from '../model/label.ts';
import type { PageState } from '../session/state.ts';
import { byId, h } from './dom.ts';

export function objectsPanel(select: (id: string) => void) {
  const list = byId('object-list');
  let before: readonly [readonly Label[], string | null] = [[], null];
  return ({ work, frame, selected }: PageState) => {
    const labels = frame === null ? [] : labelsOf(work, frame);
    if (labels === before[0] && selected === before[1]) return;
    before = [labels, selected];
    list.replaceChildren(...labels.map((label) => h('li', {}, item(label, label.id === selected, select))));
    list.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest' });
    byId('object-count').textContent = labels.length === 0 ? '' : String(labels.length);
    byId('object-none').hidden = labels.length > 0;
  };
}

function item(label: Label, isSelected: boolean, select: (id: string) => void): HTMLElement {
  const unsure = isUnsure(label);
  const swatch = h('span', { class: 'swatch' });
  swatch.style.background = CLASS_STYLES[label.class].colour;
  const score = label.score === null ? methodName(label) : label.score.toFixed(2);
  return h(
    'button',
    {
      class: `object ${label.state}${unsure ? ' unsure' : ''}`,
      'data-id': label.id,
      'aria-pressed': String(isSelected),
      onclick: () => select(label.id),
    },
    swatch,
    h('span', { class: 'name' }, `${label.class} ${label.id}`),
    h('span', { class: 'score' }, unsure ? `? ${score}` : score),
    h('span', { class: 'state' }, label.state === 'accepted' ? '✓' : ''),
    h('span', { class: 'sr' }, label.state === 'accepted' ? 'accepted' : unsure ? 'unsure draft' : 'draft'),
  );
}

/** Who made a box, in a word. */
export function methodName({ method, edited }: Pick<Label, 'method' | 'edited'>): string {
  const name = {
    model: 'network',
    geometric: 'geometric',
    local: 'geometric',
    drawn: 'drawn',
    copied: 'copied',
    imported: 'imported',
  }[method];
  return edited ? `${name}, edited` : name;
}
