/** The door of `app/http/converters/`. */
export { openLabelText } from './openlabel.ts';
export { superviselyCuboid } from './supervisely.ts';
