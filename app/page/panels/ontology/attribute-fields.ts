/** The attributes of the selected box as fields; each kind has its own. */
import { type AttributeValue, fitsAttribute, type OwnAttribute } from '../../../ontology/index.ts';
import { byId, h } from '../../dom/index.ts';
import type { Label } from '../../model/index.ts';
import { attributesOf } from '../../ontology/index.ts';
import type { Session } from '../../session/index.ts';

interface AttributeField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement | HTMLSelectElement;
  show(value: unknown): void;
}

/** Returns what shows the values of a box. Fields that `isKept` says so of stay as they are. */
export function attributeFields(
  session: Session,
): (label: Label | undefined, isKept: (input: Element) => boolean) => void {
  const root = byId('attributes');
  const fields = new Map<OwnAttribute, AttributeField>();
  let shown: readonly OwnAttribute[] = [];
  return (label, isKept) => {
    const wanted = label === undefined ? [] : attributesOf(session.state.ontology, label);
    if (wanted.length !== shown.length || wanted.some((attribute, k) => attribute !== shown[k])) {
      shown = wanted;
      for (const attribute of wanted)
        if (!fields.has(attribute)) fields.set(attribute, fieldOf(attribute, session));
      root.replaceChildren(...wanted.map((attribute) => fields.get(attribute)!.element));
      root.hidden = wanted.length === 0;
    }
    for (const attribute of wanted) {
      const { input, show } = fields.get(attribute)!;
      if (!isKept(input)) show(label?.attributes?.[attribute.name]);
    }
  };
}

function fieldOf(attribute: OwnAttribute, session: Session): AttributeField {
  const input = inputOf(attribute);
  input.setAttribute('data-attribute', attribute.name);
  const set = () => {
    const value = enteredIn(attribute, input);
    session.unsay('act');
    if (value !== undefined) session.setAttribute(attribute, value);
    else session.say(`${attribute.name} must be ${expected(attribute)}.`, 'warn');
  };
  input.addEventListener('change', set);
  const where = attribute.per === 'frame' ? 'in this frame' : 'in all frames of the object';
  const element = h(
    'label',
    { class: 'attribute', title: `${attribute.name}: ${where}` },
    h('span', {}, attribute.name),
    attribute.per === 'frame' && h('span', { class: 'of-frame', 'aria-hidden': 'true' }, '▫'),
    input,
  );
  const show = (value: unknown) => {
    if (input instanceof HTMLInputElement && attribute.kind === 'boolean') {
      input.checked = value === true;
      input.indeterminate = typeof value !== 'boolean';
    } else input.value = value === undefined ? '' : String(value);
  };
  return { element, input, show };
}

function inputOf(attribute: OwnAttribute): HTMLInputElement | HTMLSelectElement {
  switch (attribute.kind) {
    case 'boolean':
      return h('input', { type: 'checkbox' });
    case 'number':
      return h('input', { type: 'number', step: 'any', min: attribute.least, max: attribute.most });
    case 'text':
      return h('input', { type: 'text', autocomplete: 'off' });
    case 'choice':
      return h(
        'select',
        {},
        ...['', ...attribute.choices].map((choice) => h('option', { value: choice }, choice || '–')),
      );
  }
}

/** What is in the field; null if nothing, undefined if it does not fit. */
function enteredIn(
  attribute: OwnAttribute,
  input: HTMLInputElement | HTMLSelectElement,
): AttributeValue | null | undefined {
  if (attribute.kind === 'boolean') return (input as HTMLInputElement).checked;
  if (attribute.kind === 'number' && !input.validity.badInput && input.value === '') return null;
  if (attribute.kind !== 'number' && input.value === '') return null;
  const value = attribute.kind === 'number' ? (input as HTMLInputElement).valueAsNumber : input.value;
  return fitsAttribute(attribute, value) ? value : undefined;
}

/** `a number from 0 to 6` */
function expected(attribute: OwnAttribute): string {
  if (attribute.kind === 'text') return 'a text of at most 1000 characters';
  if (attribute.kind !== 'number') return `a ${attribute.kind}`;
  const { least, most } = attribute;
  return `a number${least === undefined ? '' : ` from ${least}`}${most === undefined ? '' : ` to ${most}`}`;
}
