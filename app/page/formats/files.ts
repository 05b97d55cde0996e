/** What all formats have in common: files, and what names, classes and numbers in them mean. */
import { labelClass, OBJECT_CLASSES, type ObjectClass } from '../../../inference/classes/index.ts';
import type { Ontology } from '../../ontology/index.ts';
import type { ExchangeLabel } from '../exchange/index.ts';
import { classNamed } from '../ontology/index.ts';

export interface TextFile {
  /** With folders, if it came from or goes into an archive. */
  readonly name: string;
  readonly text: string;
}

/** A file as it is stored. */
export interface PackedFile {
  /** With folders, if it came from or goes into an archive. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function packed(name: string, text: string): PackedFile {
  return { name, bytes: new TextEncoder().encode(text) };
}

/** What an importer may need to know of the page. */
export interface ImportContext {
  readonly currentFrame: string;
  /** All frames in their order. */
  readonly frames: readonly string[];
  /** The project's own classes and attributes. Default: none. */
  readonly ontology?: Ontology | null;
}

/**
 * The class that a file names: one of the project's own, else one of nearbox's that the name of a data set
 * stands for.
 */
export function classesFrom(
  name: unknown,
  { ontology = null }: ImportContext,
): Pick<ExchangeLabel, 'class' | 'ownClass'> {
  const own = ontology?.classes === undefined ? undefined : classNamed(ontology, String(name));
  if (own === undefined) return { class: classFrom(name) };
  return { class: own.like, ...(own.ownClass === undefined ? {} : { ownClass: own.ownClass }) };
}

/** A class name of any data set. Ours are taken as they are. */
export function classFrom(name: unknown): ObjectClass {
  const text = String(name ?? 'other');
  return OBJECT_CLASSES.includes(text as ObjectClass) ? (text as ObjectClass) : labelClass(text);
}

/** A number without the noise of float64 arithmetic: steps of a micrometre and a microradian. */
export function tidy(value: number): number {
  // Never -0.
  return Number(value.toFixed(6)) + 0;
}

/**
 * The frame that a file's name stands for: the id itself, or the only frame that ends like it. A frame that
 * is not here keeps the name that it has in the file.
 */
export function frameOfName(name: string, { frames }: ImportContext): string {
  const plain = name.replace(/\.[a-z]+$/i, '');
  if (frames.includes(plain)) return plain;
  for (const end of [plain, plain.split('/').at(-1)!]) {
    const alike = frames.filter((frame) => frame === end || frame.endsWith(`/${end}`));
    if (alike.length === 1) return alike[0]!;
  }
  return plain;
}

export function finiteNumbers(value: unknown, length: number): number[] | null {
  if (!Array.isArray(value) || value.length !== length) return null;
  return value.every((part) => typeof part === 'number' && Number.isFinite(part))
    ? (value as number[])
    : null;
}
