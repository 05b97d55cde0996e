/**
 * Parts of a document that a command writes: what lies between `<!-- NAME: written by ... -->` and
 * `<!-- /NAME -->`.
 */

import { wrapped } from './wrapped.ts';

/** @throws if the document has no such part */
export function writeBetween(document: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}:[^>]*-->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!part.test(document)) throw new Error(`the document has no part <!-- ${name}: ... --> to write to`);
  return document.replace(part, (_all, begin: string, end: string) => `${begin}\n${wrapped(text)}\n\n${end}`);
}
