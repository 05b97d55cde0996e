/** The selected box in numbers, which can be typed over. */
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';
import { wrapAngle } from '../../../../inference/boxes/index.ts';
import { resized } from '../../boxes/index.ts';
import { byId, h } from '../../dom/index.ts';
import { className, labelsOf, rivalsOf, shortId } from '../../model/index.ts';
import type { Session } from '../../session/index.ts';
import { attributeFields, classChips, tiltFields } from '../ontology/index.ts';
import { methodName, stateName } from './objects-panel.ts';

interface InspectorField {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly read: (box: Box) => number;
  readonly write: (box: Box, value: number) => Box;
  readonly step: number;
}

const DEGREES = 180 / Math.PI;

const size = (k: 0 | 1 | 2, label: string): InspectorField => ({
  id: `size-${k}`,
  label,
  unit: 'm',
  step: 0.01,
  read: (box) => box.size[k],
  write: (box, value) => resized(box, box.size.map((old, i) => (i === k ? value : old)) as unknown as Vec3),
});
const centre = (k: 0 | 1 | 2, label: string): InspectorField => ({
  id: `centre-${k}`,
  label,
  unit: 'm',
  step: 0.01,
  read: (box) => box.center[k],
  write: (box, value) => ({
    ...box,
    center: box.center.map((old, i) => (i === k ? value : old)) as unknown as Vec3,
  }),
});

/** The first row has the short ones: sizes and the heading; the second one coordinates, which may be long. */
const FIELDS: readonly InspectorField[] = [
  size(0, 'Length'),
  size(1, 'Width'),
  size(2, 'Height'),
  {
    id: 'yaw',
    label: 'Yaw',
    unit: '°',
    step: 0.5,
    read: ({ yaw }) => yaw * DEGREES,
    write: (box, value) => ({ ...box, yaw: wrapAngle(value / DEGREES) }),
  },
  centre(0, 'x'),
  centre(1, 'y'),
  centre(2, 'z'),
];

export interface InspectorOptions {
  /** How many points the selected box has, as text. */
  readonly countOf: () => string;
  /** Gives the selected object another id, in all frames. */
  readonly rename: (id: string) => void;
}

export function inspector(session: Session, { countOf, rename }: InspectorOptions) {
  const root = byId('inspector');
  const inputs = FIELDS.map((field) => numberInput(field, session));
  byId('numbers').replaceChildren(
    ...FIELDS.map(({ label, unit, id }, i) =>
      h(
        'label',
        { class: `number${id.startsWith('centre') ? '' : ' short'}` },
        h('span', {}, label),
        inputs[i]!,
        h('span', { class: 'unit' }, unit),
      ),
    ),
  );
  const idInput = byId<HTMLInputElement>('object-id');
  idInput.addEventListener('change', () => rename(idInput.value.trim()));
  const showClasses = classChips(session);
  const showAttributes = attributeFields(session);
  const showTilt = tiltFields(session);
  let shownPlace = '';
  let typedIn: EventTarget | null = null;
  root.addEventListener('input', ({ target }) => {
    typedIn = target;
  });
  root.addEventListener('focusout', () => {
    typedIn = null;
  });

  const show = () => {
    const label = session.selected;
    const { frame, work } = session.state;
    // A field that has the keyboard keeps what is typed, but never what another box had.
    const place = label === undefined ? '' : `${frame}\n${label.id}`;
    const isOther = place !== shownPlace;
    shownPlace = place;
    const isKept = (input: Element) => document.activeElement === input && !isOther;
    root.classList.toggle('empty', label === undefined);
    showClasses(label === undefined ? session.state.nextClass : className(label));
    showAttributes(label, isKept);
    showTilt(label, isKept);
    const { nextClass } = session.state;
    byId('classes-hint').textContent =
      label === undefined && nextClass !== null ? `the next box: ${nextClass}` : '';
    for (const [i, input] of inputs.entries()) {
      input.disabled = label === undefined;
      if (isKept(input) && label !== undefined) continue;
      input.value = label === undefined ? '' : FIELDS[i]!.read(label.box).toFixed(2);
    }
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-needs-box]'))
      button.disabled = label === undefined;
    const { placed } = session.state;
    const fitRest = byId<HTMLButtonElement>('fit-rest');
    fitRest.disabled = label === undefined || placed.length === 0;
    fitRest.title =
      placed.length === 0 ? 'Place a face first (Shift+E)' : `Keeps ${placed.join(', ')} (Shift+E)`;
    byId('origin').textContent =
      label === undefined
        ? 'Nothing is selected: click an object.'
        : [
            `object ${shortId(label.id)}`,
            methodName(label),
            label.score === null
              ? ''
              : `score ${label.score.toFixed(2)}${label.edited ? ' before the edit' : ''}`,
            countOf(),
            stateName(label),
          ]
            .filter((part) => part !== '')
            .join(' · ');
    byId('origin').title = label?.id ?? '';
    idInput.disabled = label === undefined;
    if (!isKept(idInput)) idInput.value = label?.id ?? '';
    const rivals = label === undefined || frame === null ? [] : rivalsOf(labelsOf(work, frame), label);
    byId('keep-version').hidden = rivals.length === 0;
    const note = byId('note');
    note.textContent = label?.note ?? '';
    note.hidden = !label?.note;
  };
  /** True while a value is being typed: it is for the box that is shown now. */
  const isTyping = () =>
    typedIn instanceof HTMLInputElement &&
    typedIn.type !== 'checkbox' &&
    !typedIn.disabled &&
    document.activeElement === typedIn;
  return Object.assign(show, { isTyping });
}

function numberInput(field: InspectorField, session: Session): HTMLInputElement {
  const input = h('input', { type: 'number', step: field.step, id: field.id, autocomplete: 'off' });
  let run = 0;
  input.addEventListener('focus', () => {
    run += 1;
  });
  input.addEventListener('input', () => {
    const label = session.selected;
    const value = input.valueAsNumber;
    if (label === undefined || !Number.isFinite(value)) return;
    if (field.id.startsWith('size') && value <= 0) return;
    session.edit(
      field.write(label.box, value),
      `type ${field.label.toLowerCase()}`,
      `type ${field.id} ${run}`,
    );
  });
  return input;
}
