/** The door of `app/package/`. */
export { packageVersion } from './package-version.ts';
