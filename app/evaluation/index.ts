/** The door of `app/evaluation/`. */
export { evaluateFolder } from './evaluate-folder.ts';
