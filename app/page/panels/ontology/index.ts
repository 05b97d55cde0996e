/** What the project's ontology puts into the inspector, and its file. */
export { attributeFields } from './attribute-fields.ts';
export { classChips } from './class-chips.ts';
export { tiltFields } from './tilt-fields.ts';
