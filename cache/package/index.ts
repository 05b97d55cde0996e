/** The door of `cache/package/`: files that come with the package. */
export { packageFile } from './package-file.ts';
