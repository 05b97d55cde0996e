/** The door of `app/options/`. */
export { commaList, decimal, integer, type OptionSpec, yesOrNo } from './option-spec.ts';
