/** What outlives a reload, beside the labels. */
export { type Leftover, leaveBehind, leftoversIn } from './leftovers.ts';
export { PageMemory } from './page-memory.ts';
