/** The door of `inference/classes/`. */
export { LABEL_GROUPS, type LabelGroup, labelClass, labelGroup } from './label-classes.ts';
export { OBJECT_CLASSES, type ObjectClass } from './object-classes.ts';
