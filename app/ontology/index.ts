/** The door of `app/ontology/`: a project's own classes and attributes. */
export { type AttributeValue, fitsAttribute, isOfClass } from './attributes.ts';
export type { Ontology, OwnAttribute, OwnClass } from './file/index.ts';
