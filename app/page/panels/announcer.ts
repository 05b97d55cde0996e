/** Tells a screen reader which box is selected now, and what came of it; every nudge would be too much. */
import { isUnsure, type Label } from '../model/label.ts';
import { byId } from './dom.ts';
import { methodName } from './objects-panel.ts';

export function announcer() {
  const place = byId('announcement');
  let last = '';
  return (label: Label | undefined): void => {
    const text = label === undefined ? '' : announcement(label);
    if (text === last) return;
    last = text;
    place.textContent = text;
  };
}

/** `car 3 selected, score 0.93, network, draft` */
export function announcement(label: Label): string {
  const { id, score, state } = label;
  const parts = [`${label.class} ${id} selected`];
  if (score !== null) parts.push(`${isUnsure(label) ? 'unsure, ' : ''}score ${score.toFixed(2)}`);
  return [...parts, methodName(label), state].join(', ');
}
