/** What of a project's boxes goes into which format, and what does not. */
export { EXPORT_FORMATS, type ExportFormat, FORMAT_NAMES } from './export-formats.ts';
export { lossesIn } from './losses.ts';
export { classOfWord, classWord, plainWord, readTraits } from './own-traits.ts';
