/** What of a project's boxes goes into which format, and what does not. */
export { lossesIn } from './losses.ts';
export { classOfWord, classWord, plainWord, readTraits } from './own-traits.ts';
