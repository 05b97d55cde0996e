/** The boxes of the open frame as a list: what is what, how sure, whether accepted. */

import type { Ontology } from '../../../ontology/index.ts';
import { type DisplaySettings, hasFilter, INITIAL_DISPLAY, shownLabels } from '../../display/index.ts';
import { byId, h } from '../../dom/index.ts';
import { className, currentScore, isUnsure, type Label, labelsOf, shortId } from '../../model/index.ts';
import { styleOf } from '../../ontology/index.ts';
import type { PageState } from '../../session/index.ts';

/** What the list was made of. */
interface ShownObjects {
  readonly labels: readonly Label[];
  readonly selected: string | null;
  readonly ontology: Ontology | null;
  readonly display: DisplaySettings;
}

export function objectsPanel(select: (id: string) => void) {
  const list = byId('object-list');
  let before: ShownObjects = { labels: [], selected: null, ontology: null, display: INITIAL_DISPLAY };
  return ({ work, frame, selected, ontology, display }: PageState) => {
    const all = frame === null ? [] : labelsOf(work, frame);
    const now: ShownObjects = { labels: all, selected, ontology, display };
    if ((Object.keys(now) as (keyof ShownObjects)[]).every((key) => now[key] === before[key])) return;
    before = now;
    // Whoever is isolated stays in the list with the others: a way to the next one.
    const labels = shownLabels(all, { ...display, isIsolated: false }, selected);
    const colour = (label: Label) => styleOf(ontology, label).colour;
    list.replaceChildren(
      ...labels.map((label) => h('li', {}, item(label, colour(label), label.id === selected, select))),
    );
    list.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest' });
    const isPart = hasFilter(display) && labels.length < all.length;
    byId('object-count').textContent =
      all.length === 0 ? '' : isPart ? `${labels.length} of ${all.length}` : String(all.length);
    byId('object-none').hidden = all.length > 0;
  };
}

function item(label: Label, colour: string, isSelected: boolean, select: (id: string) => void): HTMLElement {
  const unsure = isUnsure(label);
  const swatch = h('span', { class: 'swatch' });
  swatch.style.background = colour;
  const score = currentScore(label)?.toFixed(2) ?? methodName(label);
  const isRival = label.conflictsWith !== undefined;
  return h(
    'button',
    {
      class: `object ${label.state}${unsure ? ' unsure' : ''}${isRival ? ' conflict' : ''}`,
      title: `${className(label)} ${label.id}`,
      'data-id': label.id,
      'aria-pressed': String(isSelected),
      onclick: () => select(label.id),
    },
    swatch,
    h('span', { class: 'name' }, `${className(label)} ${shortId(label.id)}`),
    h('span', { class: 'score' }, unsure ? `? ${score}` : score),
    h('span', { class: 'state' }, isRival ? '⚠' : label.state === 'accepted' ? '✓' : ''),
    h('span', { class: 'sr' }, stateName(label)),
  );
}

/** The state of a box in words. */
export function stateName(label: Label): string {
  const state =
    label.state === 'accepted'
      ? label.edited
        ? 'edited'
        : 'accepted'
      : isUnsure(label)
        ? 'unsure draft'
        : 'draft';
  return label.conflictsWith === undefined
    ? state
    : `${state}, second version of ${shortId(label.conflictsWith)}`;
}

/** Who made a box, in a word. */
export function methodName({ method, edited }: Pick<Label, 'method' | 'edited'>): string {
  const name = {
    model: 'network',
    geometric: 'geometric',
    local: 'geometric',
    drawn: 'drawn',
    copied: 'copied',
    tracked: 'track',
    imported: 'imported',
  }[method];
  return edited ? `${name}, edited` : name;
}
