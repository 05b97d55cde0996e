/** The door of `app/models/`. */
export { ModelChoice } from './model-choice.ts';
export { type FoundModels, findModels } from './models.ts';
