/** The classes as buttons; made anew when the ontology changes. */
import { byId, h } from '../../dom/index.ts';
import { classesOf, type PageClass } from '../../ontology/index.ts';
import type { Session } from '../../session/index.ts';

/** Returns what shows which class is chosen. */
export function classChips(session: Session): (chosen: string | null) => void {
  const root = byId('classes');
  let shown: readonly PageClass[] = [];
  let chips: HTMLButtonElement[] = [];
  return (chosen) => {
    const classes = classesOf(session.state.ontology);
    if (classes !== shown) {
      shown = classes;
      chips = classes.map((one) => chip(one, session));
      root.replaceChildren(...chips);
    }
    for (const button of chips) button.setAttribute('aria-pressed', String(button.dataset.class === chosen));
  };
}

function chip({ name, key, colour }: PageClass, session: Session): HTMLButtonElement {
  const button = h(
    'button',
    {
      class: 'chip',
      'data-class': name,
      title: name,
      'aria-pressed': 'false',
      onclick: () => {
        session.unsay('act');
        session.setClass(name);
      },
    },
    h('span', {}, name),
    key !== null && h('kbd', {}, key),
  );
  button.style.setProperty('--chip', colour);
  return button;
}
