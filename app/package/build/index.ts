/** The door of `app/package/build/`: what makes the package. Development only. */
export { buildClient } from './build-client.ts';
export { bundlePage } from './bundle-page.ts';
export { setup as buildProgramForTests } from './program-for-tests.ts';
