/** Pitch and roll of the selected box, where the ontology allows them or the box has them. */
import { byId, h } from '../../dom/index.ts';
import type { Label, Tilt } from '../../model/index.ts';
import type { Session } from '../../session/index.ts';

const DEGREES = 180 / Math.PI;
const FIELDS: readonly (readonly [keyof Tilt, string])[] = [
  ['pitch', 'Pitch'],
  ['roll', 'Roll'],
];

/** Returns what shows the tilt of a box. Fields that `isKept` says so of stay as they are. */
export function tiltFields(
  session: Session,
): (label: Label | undefined, isKept: (input: Element) => boolean) => void {
  const root = byId('tilt');
  let inputs: readonly HTMLInputElement[] | null = null;
  return (label, isKept) => {
    root.hidden = label === undefined || (session.state.ontology?.tilt !== true && label.tilt === undefined);
    // Most projects never see them.
    if (root.hidden) return;
    inputs ??= makeInputs(session, root);
    for (const [k, [name]] of FIELDS.entries())
      if (!isKept(inputs[k]!)) inputs[k]!.value = ((label?.tilt?.[name] ?? 0) * DEGREES).toFixed(2);
  };
}

function makeInputs(session: Session, root: HTMLElement): readonly HTMLInputElement[] {
  const inputs = FIELDS.map(([name]) => {
    const input = h('input', { type: 'number', step: 0.5, min: -90, max: 90, id: name, autocomplete: 'off' });
    let run = 0;
    input.addEventListener('focus', () => {
      run += 1;
    });
    input.addEventListener('input', () => {
      const { valueAsNumber } = input;
      if (Math.abs(valueAsNumber) <= 90)
        session.setTilt({ [name]: valueAsNumber / DEGREES }, `tilt ${name} ${run}`);
    });
    return input;
  });
  root.replaceChildren(
    ...FIELDS.map(([, text], k) =>
      h(
        'label',
        { class: 'number' },
        h('span', {}, text),
        inputs[k]!,
        h('span', { class: 'unit', 'aria-hidden': 'true' }, '°'),
      ),
    ),
  );
  return inputs;
}
