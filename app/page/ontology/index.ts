/** What the project's ontology means for the page: its classes, and the attributes of a box. */

export { attributesOf, isOfFrame, type ObjectTraits, objectTraits } from './box-attributes.ts';
export { classesOf, classNamed, ownClassFor, type PageClass, styleOf } from './class-list.ts';
