/**
 * Tells a screen reader which box is selected, and what has changed in it. It does not announce single
 * nudges.
 */

import { byId } from '../../dom/index.ts';
import { className, currentScore, isUnsure, type Label, shortId } from '../../model/index.ts';
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
function announcement(label: Label): string {
  const { id, state } = label;
  const score = currentScore(label);
  const parts = [`${className(label)} ${shortId(id)} selected`];
  if (score !== null) parts.push(`${isUnsure(label) ? 'unsure, ' : ''}score ${score.toFixed(2)}`);
  return [...parts, methodName(label), state].join(', ');
}
