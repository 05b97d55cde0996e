/**
 * The project's own classes and attributes in formats that have no place for them: the own class is the
 * class's name there, and fields of our own keep what that cannot say.
 */

import type { ObjectClass } from '../../../../inference/classes/index.ts';
import type { ExchangeLabel } from '../../exchange/index.ts';
import { isRecord } from '../../model/index.ts';
import { classesOf } from '../../ontology/index.ts';
import { classesFrom, classFrom, type ImportContext } from '../files.ts';

type Traits = Pick<ExchangeLabel, 'class' | 'ownClass' | 'attributes'>;

/** What an entry says of the class: in the format's own words, and in our fields where it has them. */
interface NamedClass {
  /** In the words of the format. */
  readonly name: unknown;
  /** nearbox's class. */
  readonly like?: unknown;
  readonly ownClass?: unknown;
}

/** An own class that the file names holds, whatever the ontology says. */
export function readTraits(
  { name, like, ownClass }: NamedClass,
  attributes: unknown,
  context: ImportContext,
): Traits {
  const kind =
    typeof ownClass === 'string'
      ? { class: classFrom(like ?? name), ownClass }
      : classesFrom(like ?? name, context);
  return { ...kind, ...(isRecord(attributes) ? { attributes } : {}) };
}

/** The name of the class: the project's own, else the format's word for nearbox's. */
export function classWord(
  label: Pick<Traits, 'class' | 'ownClass'>,
  words: Readonly<Record<ObjectClass, string>>,
): string {
  return label.ownClass ?? words[label.class];
}

/** An own class as one word of letters, digits and underscores, which begins with a letter. */
export function plainWord(name: string): string {
  const word = name.replace(/\W/g, '_');
  return /^[A-Za-z]/.test(word) ? word : `C${word}`;
}

/** The own class that such a word stands for. */
export function classOfWord(
  word: string,
  { ontology = null }: ImportContext,
): Pick<Traits, 'class' | 'ownClass'> | null {
  if (ontology?.classes === undefined) return null;
  const found = classesOf(ontology).find(({ name }) => plainWord(name) === word);
  if (found === undefined) return null;
  return { class: found.like, ...(found.ownClass === undefined ? {} : { ownClass: found.ownClass }) };
}
