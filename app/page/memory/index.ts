/** What outlives a reload, beside the labels. */
export { leaveBehind, leftoversIn } from './leftovers.ts';
export { PageMemory } from './page-memory.ts';
