/** The classes that an annotator chooses from: those of the project, else those of nearbox. */
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import type { Ontology, OwnClass } from '../../ontology/index.ts';
import { CLASS_STYLES, type ClassStyle, type Label } from '../model/index.ts';

export interface PageClass extends ClassStyle {
  readonly name: string;
  /** The class of nearbox that it is like. */
  readonly like: ObjectClass;
  /** Its name, where nearbox has no class of that name. */
  readonly ownClass: string | undefined;
  /** `1` to `9`, `Alt+1` to `Alt+9`; null without one. */
  readonly key: string | null;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
const OF_NEARBOX = OBJECT_CLASSES.map((name): OwnClass => ({ name }));
const made = new WeakMap<readonly OwnClass[], readonly PageClass[]>();

/** Classes without a key get the free digits, in their order. */
export function classesOf(ontology: Ontology | null): readonly PageClass[] {
  const classes = ontology?.classes ?? OF_NEARBOX;
  let list = made.get(classes);
  if (list === undefined) {
    const free = DIGITS.filter((digit) => !classes.some(({ key }) => key === digit));
    list = classes.map(({ name, key, ...own }): PageClass => {
      const like = own.like ?? likeOf(name);
      const { colour, size } = CLASS_STYLES[like];
      return {
        name,
        like,
        ownClass: name === like ? undefined : name,
        key: key ?? free.shift() ?? null,
        colour: own.colour ?? colour,
        size: own.size ?? size,
      };
    });
    made.set(classes, list);
  }
  return list;
}

export function classNamed(ontology: Ontology | null, name: string | null): PageClass | undefined {
  return classesOf(ontology).find((one) => one.name === name);
}

/** What the project calls a class of nearbox: its first class that is like it. */
export function ownClassFor(ontology: Ontology | null, like: ObjectClass): string | undefined {
  const classes = classesOf(ontology).filter((one) => one.like === like);
  return (classes.find(({ ownClass }) => ownClass === undefined) ?? classes[0])?.ownClass;
}

/** How a box of a class looks. */
export function styleOf(
  ontology: Ontology | null,
  { ownClass, ...label }: Pick<Label, 'class' | 'ownClass'>,
): ClassStyle {
  return classNamed(ontology, ownClass ?? label.class) ?? CLASS_STYLES[label.class];
}

function likeOf(name: string): ObjectClass {
  return OBJECT_CLASSES.find((one) => one === name) ?? labelClass(name);
}
