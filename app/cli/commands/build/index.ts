/** The door of `app/cli/commands/build/`. */
export { buildCommand } from './build.ts';
